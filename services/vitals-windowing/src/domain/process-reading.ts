import type { AlertRaised, ReadingAccepted } from '@vigil/contracts';
import { alertRecord } from './alarms/alert-record.ts';
import { assessReading, isOutsideEpisodes } from './alarms/assess-reading.ts';
import { noteMeasured, notePlace } from './patient/advance-clock.ts';
import type { Patient } from './patient/patient.ts';
import type { ClinicalRules } from './rules.ts';
import type { AgeBand } from './scores/age.ts';
import { readVitals } from './vitals.ts';
import { windowReading, type WindowingResult } from './window-reading.ts';

export interface ReadingResult extends WindowingResult {
  readonly alerts: readonly AlertRaised[];
}

export interface Processing {
  readonly rules: ClinicalRules;
  readonly age: AgeBand;
  /** The task's clock. */
  readonly nowMs: number;
}

const noRecords: readonly never[] = Object.freeze([]);

/** One reading of one patient, in log order: alarms, then its windows, then the patient's clock with what it closes. */
export function processReading(patient: Patient, reading: ReadingAccepted, { rules, age, nowMs }: Processing): ReadingResult {
  const values = readVitals(reading);
  const alarms = assessReading(patient, { reading, values }, { rules, age });
  const isClean = (vital: number): boolean => isOutsideEpisodes(patient, vital);
  const { late, corrected, closed, updated, newest } = windowReading(patient, reading, { rules, values, isClean, nowMs });
  noteMeasured(patient, reading.observedAt, values);
  if (newest) notePlace(patient, reading);
  const alerts = alarms.length === 0 ? noRecords : alarms.map((change) => alertRecord(change, reading));
  return { late, corrected, closed, updated, newest, alerts };
}
