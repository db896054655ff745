import { rulesWith } from '../../../../services/vitals-windowing/test-support/test-rules.ts';

/** Minutes of event time pass in seconds here: windows close, are corrected and are forgotten within one schedule. */
const quick = {
  VIGIL_WINDOW_SIZE_MS: '60000',
  VIGIL_WINDOW_PANE_MS: '10000',
  VIGIL_WINDOW_BOUND_MS: '5000',
  VIGIL_WINDOW_GRACE_MS: '10000',
  VIGIL_WINDOW_RETENTION_MS: '60000',
  VIGIL_WINDOW_IDLE_MS: '20000',
  VIGIL_ALARM_SILENT_MONITOR_MS: '0',
  VIGIL_BASELINE_MIN_COUNT: '4',
} as const;

const shape = (over: Readonly<Record<string, string>> = {}) => ({
  rules: rulesWith({ ...quick, ...over }),
  isHopping: 'VIGIL_WINDOW_ADVANCE_MS' in over,
});

/** Ways in which a hospital may set the stage up. */
export const windowingShapes = [
  shape(),
  shape(),
  shape({ VIGIL_WINDOW_ADVANCE_MS: '20000' }),
  shape({ VIGIL_WINDOW_EARLY_UPDATES: 'true' }),
  shape({ VIGIL_ALARM_SILENT_MONITOR_MS: '15000' }),
  shape({ VIGIL_ALERT_RULES: 'false' }),
] as const;

export type WindowingShape = (typeof windowingShapes)[number];
