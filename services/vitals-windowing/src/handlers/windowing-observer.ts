import type { RuleCode, Severity } from '../domain/alarms/finding.ts';

/** What the stage tells about itself beyond its records: counts only, never who. */
export interface WindowingObserver {
  /** A patient of the task, of whom everything had been told, has a reading in an open window. */
  windowOpened(partition: number): void;
  /** Patients of the task who have readings in windows that were not told and committed yet. Called about once a second. */
  windowsCounted(partition: number, patients: number): void;
  alertChanged(alert: { readonly rule: RuleCode; readonly severity: Severity; readonly change: 'raised' | 'cleared' }): void;
}

export const silentWindowing: WindowingObserver = {
  windowOpened: () => undefined,
  windowsCounted: () => undefined,
  alertChanged: () => undefined,
};
