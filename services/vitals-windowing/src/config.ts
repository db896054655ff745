import { fileURLToPath } from 'node:url';
import { cutoverSettings, defineSettings, flag, integer, milliseconds, path, runSettings, serviceSettings, setting } from '@vigil/runtime';
import { vitalNumbers } from './per-vital-setting.ts';

const hours = (count: number): number => count * 3_600_000;
const minutes = (count: number): number => count * 60_000;
const seconds = (count: number): number => count * 1000;

const windowSettings = {
  windowSizeMs: setting({
    env: 'VIGIL_WINDOW_SIZE_MS',
    schema: milliseconds({ min: 1000, max: hours(24) }).optional(),
    doc: 'length of a window; without it the window_size of the workflow definition.',
  }),
  windowAdvanceMs: setting({
    env: 'VIGIL_WINDOW_ADVANCE_MS',
    schema: milliseconds({ min: 1000, max: hours(24) }).optional(),
    doc: 'distance between window starts, a divisor of the size; without it the size itself (tumbling windows).',
  }),
  windowBoundMs: setting({
    env: 'VIGIL_WINDOW_BOUND_MS',
    schema: milliseconds({ max: hours(1) }).default(seconds(10)),
    doc: 'out-of-orderness bound: a patient’s watermark is this much behind the greatest event time.',
  }),
  windowGraceMs: setting({
    env: 'VIGIL_WINDOW_GRACE_MS',
    schema: milliseconds({ max: hours(24) }).default(seconds(60)),
    doc: 'a window is final when the watermark is this much past its end.',
  }),
  windowRetentionMs: setting({
    env: 'VIGIL_WINDOW_RETENTION_MS',
    schema: milliseconds({ max: hours(24) }).default(minutes(15)),
    doc: 'how long a final window can be corrected by late readings, in event time.',
  }),
  windowIdleMs: setting({
    env: 'VIGIL_WINDOW_IDLE_MS',
    schema: milliseconds({ min: 100, max: hours(24) }).default(seconds(90)),
    doc: 'a silent patient’s windows close this long after their end.',
  }),
  windowPaneMs: setting({
    env: 'VIGIL_WINDOW_PANE_MS',
    schema: milliseconds({ min: 1000, max: minutes(5) }).default(seconds(30)),
    doc: 'widest pane: windows and baselines are put together from panes of this width, or of the widest divisor of size and advance below it; without alert rules panes are as wide as size and advance allow.',
  }),
  windowEarlyUpdates: setting({
    env: 'VIGIL_WINDOW_EARLY_UPDATES',
    schema: flag().default(false),
    doc: 'whether every update of a window is written to vitals.window.updated.v1.',
  }),
  alertRules: setting({
    env: 'VIGIL_ALERT_RULES',
    schema: flag().default(true),
    doc: 'whether readings are held against limits, scores, baselines and silence; false = windows only: no alert is raised, and fields that windows do not need are not decoded.',
  }),
  patientDropAfterMs: setting({
    env: 'VIGIL_PATIENT_DROP_AFTER_MS',
    schema: milliseconds({ min: minutes(1), max: hours(24 * 30) }).default(hours(24)),
    doc: 'state of a patient silent for this long is dropped, and what is still open of them is cleared.',
  }),
} as const;

const deviationSettings = {
  baselineReachMs: setting({
    env: 'VIGIL_BASELINE_REACH_MS',
    schema: milliseconds({ max: hours(6) }).default(minutes(30)),
    doc: 'how far a baseline with too few readings reaches back.',
  }),
  baselineMinCount: setting({
    env: 'VIGIL_BASELINE_MIN_COUNT',
    schema: integer({ min: 2, max: 10_000 }).default(9),
    doc: 'readings that a baseline needs; with fewer only limits and scores apply.',
  }),
  deviationFloor: setting({
    env: 'VIGIL_DEVIATION_FLOOR',
    schema: vitalNumbers({ heart_rate: 3, respiratory_rate: 1.5, oxygen_saturation: 1, temperature_c: 0.2, systolic: 5, diastolic: 4 }),
    doc: 'least standard deviation assumed of a baseline, by vital.',
  }),
  deviationMinChange: setting({
    env: 'VIGIL_DEVIATION_MIN_CHANGE',
    schema: vitalNumbers({ heart_rate: 20, respiratory_rate: 5, oxygen_saturation: 4, temperature_c: 1, systolic: 20, diastolic: 15 }),
    doc: 'least change from the baseline that is a deviation, by vital: about one band of NEWS2.',
  }),
} as const;

const alarmSettings = {
  alarmHysteresis: setting({
    env: 'VIGIL_ALARM_HYSTERESIS',
    schema: vitalNumbers({ heart_rate: 3, respiratory_rate: 2, oxygen_saturation: 2, temperature_c: 0.3, systolic: 5, diastolic: 5 }),
    doc: 'how far inside its limit a value must be for the alarm to clear, by vital.',
  }),
  alarmDelayMs: setting({
    env: 'VIGIL_ALARM_DELAY_MS',
    schema: vitalNumbers({ heart_rate: 0, respiratory_rate: 0, oxygen_saturation: 15_000, temperature_c: 0, systolic: 0, diastolic: 0 }),
    doc: 'how long a limit must be broken before its alarm is raised, by vital, where that is longer than the delay of the workflow definition.',
  }),
  criticalLatchMs: setting({
    env: 'VIGIL_ALARM_CRITICAL_LATCH_MS',
    schema: milliseconds({ max: hours(1) }).default(seconds(60)),
    doc: 'a critical alarm stays until its condition was gone for this long.',
  }),
  technicalDelayMs: setting({
    env: 'VIGIL_ALARM_TECHNICAL_DELAY_MS',
    schema: milliseconds({ max: hours(1) }).default(0),
    doc: 'how long a technical condition must hold before its alarm is raised.',
  }),
  technicalLatchMs: setting({
    env: 'VIGIL_ALARM_TECHNICAL_LATCH_MS',
    schema: milliseconds({ max: hours(1) }).default(seconds(60)),
    doc: 'a technical alarm stays until its condition was gone for this long, so that a loose lead is one alarm.',
  }),
  episodeGapMs: setting({
    env: 'VIGIL_ALARM_EPISODE_GAP_MS',
    schema: milliseconds({ max: hours(24) }).default(minutes(5)),
    doc: 'a late reading at most this much older than an episode belongs to it.',
  }),
  aliveMs: setting({
    env: 'VIGIL_ALARM_ALIVE_MS',
    schema: milliseconds({ max: hours(1) }).default(seconds(60)),
    doc: 'a heart rate or respiratory rate of 0 is critical when another vital was alive this recently.',
  }),
  silentMs: setting({
    env: 'VIGIL_ALARM_SILENT_MS',
    schema: vitalNumbers({
      heart_rate: minutes(5),
      respiratory_rate: minutes(5),
      oxygen_saturation: minutes(5),
      temperature_c: 0,
      systolic: 0,
      diastolic: 0,
    }),
    doc: 'how long a vital may be silent while others of the patient are not, by vital; 0 = not watched.',
  }),
  silentMonitorMs: setting({
    env: 'VIGIL_ALARM_SILENT_MONITOR_MS',
    schema: milliseconds({ max: hours(24) }).default(minutes(5)),
    doc: 'how long nothing at all may come of a patient, in processing time; 0 = not watched.',
  }),
  scoreMaxAgeMs: setting({
    env: 'VIGIL_SCORE_MAX_AGE_MS',
    schema: milliseconds({ max: hours(6) }).default(minutes(15)),
    doc: 'a score takes a vital that is not in the reading from an earlier one at most this old.',
  }),
} as const;

export const defaultWorkflowsDir = fileURLToPath(new URL('../../../workflows', import.meta.url));

export const settings = defineSettings('vitals-windowing', {
  ...serviceSettings,
  ...runSettings,
  ...cutoverSettings,
  workflowsDir: setting({
    env: 'VIGIL_WORKFLOWS_DIR',
    schema: path().optional(),
    doc: 'directory of the workflow definitions, without it workflows/ of the repository; definitions/patient_monitoring_workflow.yaml gives limits, threshold, window and delays.',
  }),
  ...windowSettings,
  ...deviationSettings,
  ...alarmSettings,
});
