import type { WindowClosed } from '@vigil/contracts';
import { advanceClock } from './patient/advance-clock.ts';
import type { Patient } from './patient/patient.ts';
import type { ClinicalRules } from './rules.ts';
import { isAnythingMeasured, type PerVital } from './vitals.ts';
import { closeFinalWindows } from './windows/close-windows.ts';
import type { Pane, Sample } from './windows/pane.ts';
import { addSamples, earlyResults, placeReading, type Placement } from './windows/place-reading.ts';
import { oldestCorrectableAt } from './windows/window-frames.ts';
import { noteQuietSpan } from './windows/quiet-span.ts';

export interface WindowingResult {
  readonly late: boolean;
  readonly corrected: boolean;
  readonly closed: readonly WindowClosed[];
  readonly updated: readonly WindowClosed[];
  /** No reading of the patient is newer. */
  readonly newest: boolean;
}

export interface Windowing {
  readonly rules: ClinicalRules;
  /** By vital; NaN = not measured. */
  readonly values: PerVital;
  /** By vital, whether the reading is outside any alarm episode. */
  readonly isClean: (vital: number) => boolean;
  /** The task's clock. */
  readonly nowMs: number;
}

const nothingMeasured: Placement = Object.freeze({ late: false, corrected: false, corrections: [] });
const noRecords: readonly never[] = Object.freeze([]);

/** How far panes reach back for baselines and scores. */
const memoryMs = ({ alerts, deviation, scores }: ClinicalRules): number =>
  alerts ? Math.max(deviation.reachMs, deviation.baselineMs, scores.maxAgeMs) : 0;

/** Panes that no window can need any more and that lie out of reach of every baseline and score. */
function dropOldPanes(patient: Patient, rules: ClinicalRules): void {
  const { windows } = rules;
  const { maxObservedAt } = patient.clock;
  const [oldest] = patient.panes;
  if (oldest === undefined || oldest.start > maxObservedAt - windows.sizeMs - windows.graceMs) return;
  const needed = Math.min(oldestCorrectableAt(maxObservedAt - windows.boundMs, windows), maxObservedAt - memoryMs(rules) - windows.paneMs);
  patient.dropPanesBefore(needed);
}

/** What comes of most readings. */
const quietNewest: WindowingResult = Object.freeze({ late: false, corrected: false, closed: noRecords, updated: noRecords, newest: true });
const quietOlder: WindowingResult = Object.freeze({ ...quietNewest, newest: false });

/** Only pane and clock change: see `noteQuietSpan`. */
function addQuietly(patient: Patient, pane: Pane, reading: Sample, { values, isClean, nowMs }: Windowing): WindowingResult {
  addSamples(pane, reading, { values, isClean });
  patient.open = true;
  return advanceClock(patient, reading, nowMs) ? quietNewest : quietOlder;
}

/** One reading into its windows, then the patient's clock with what it closes. */
export function windowReading(patient: Patient, reading: Sample, windowing: Windowing): WindowingResult {
  const { rules, values, isClean, nowMs } = windowing;
  const { windows } = rules;
  const isMeasured = isAnythingMeasured(values);
  const pane = isMeasured ? patient.editQuietPane(reading.observedAt) : null;
  if (pane !== null) return addQuietly(patient, pane, reading, windowing);
  patient.endQuiet();

  const placing = { rules: windows, values, isClean };
  const placed = isMeasured ? placeReading(patient, reading, placing) : nothingMeasured;
  const updated = windows.earlyUpdates && !placed.late ? earlyResults(patient, reading, placing) : noRecords;
  const before = patient.clock.maxObservedAt - windows.boundMs;
  const newest = advanceClock(patient, reading, nowMs);
  const closed = closeFinalWindows(patient, windows, { before, now: patient.clock.maxObservedAt - windows.boundMs });
  dropOldPanes(patient, rules);
  if (isMeasured && !placed.late) noteQuietSpan(patient, reading.observedAt, windows);
  return {
    late: placed.late,
    corrected: placed.corrected,
    closed: placed.corrections.length > 0 ? [...placed.corrections, ...closed] : closed,
    updated,
    newest,
  };
}
