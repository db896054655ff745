import type { AlertRaised, ReadingAccepted, WindowClosed } from '@vigil/contracts';
import { alertRecord } from './alarms/alert-record.ts';
import { assessReading, isOutsideEpisodes } from './alarms/assess-reading.ts';
import { advanceClock } from './patient/advance-clock.ts';
import type { Patient } from './patient/patient.ts';
import type { ClinicalRules } from './rules.ts';
import type { AgeBand } from './scores/age.ts';
import { isAnythingMeasured, readVitals } from './vitals.ts';
import { closeFinalWindows } from './windows/close-windows.ts';
import { earlyResults, placeReading, type Placement } from './windows/place-reading.ts';
import { oldestCorrectableAt } from './windows/window-frames.ts';

export interface ReadingResult {
  readonly late: boolean;
  readonly corrected: boolean;
  readonly closed: readonly WindowClosed[];
  readonly updated: readonly WindowClosed[];
  readonly alerts: readonly AlertRaised[];
}

export interface Processing {
  readonly rules: ClinicalRules;
  readonly age: AgeBand;
  /** The task's clock. */
  readonly nowMs: number;
}

const nothingMeasured: Placement = Object.freeze({ late: false, corrected: false, corrections: [] });
const noRecords: readonly never[] = Object.freeze([]);

/** Panes that no window can need any more and that lie out of reach of every baseline and score. */
function dropOldPanes(patient: Patient, { windows, deviation, scores }: ClinicalRules): void {
  const { maxObservedAt } = patient.clock;
  const [oldest] = patient.panes;
  if (oldest === undefined || oldest.start > maxObservedAt - windows.sizeMs - windows.graceMs) return;
  const needed = Math.min(
    oldestCorrectableAt(maxObservedAt - windows.boundMs, windows),
    maxObservedAt - Math.max(deviation.reachMs, deviation.baselineMs, scores.maxAgeMs) - windows.paneMs,
  );
  patient.dropPanesBefore(needed);
}

/** One reading of one patient, in log order: alarms, then its windows, then the patient's clock with what it closes. */
export function processReading(patient: Patient, reading: ReadingAccepted, { rules, age, nowMs }: Processing): ReadingResult {
  const values = readVitals(reading);
  const alarms = assessReading(patient, { reading, values }, { rules, age });

  const placing = { rules: rules.windows, values, isClean: (vital: number) => isOutsideEpisodes(patient, vital) };
  const placed = isAnythingMeasured(values) ? placeReading(patient, reading, placing) : nothingMeasured;
  const updated = rules.windows.earlyUpdates && !placed.late ? earlyResults(patient, reading, placing) : noRecords;

  const before = patient.clock.maxObservedAt - rules.windows.boundMs;
  advanceClock(patient, reading, { values, nowMs });
  const closed = closeFinalWindows(patient, rules.windows, { before, now: patient.clock.maxObservedAt - rules.windows.boundMs });
  dropOldPanes(patient, rules);
  return {
    late: placed.late,
    corrected: placed.corrected,
    closed: placed.corrections.length > 0 ? [...placed.corrections, ...closed] : closed,
    updated,
    alerts: alarms.length === 0 ? noRecords : alarms.map((change) => alertRecord(change, reading)),
  };
}
