import type { WindowClosed } from '@vigil/contracts';
import type { Patient } from '../patient/patient.ts';
import { at, vitalCount, type PerVital } from '../vitals.ts';
import { tellWindow, emittedAt } from './close-windows.ts';
import type { Pane, Sample } from './pane.ts';
import { newestFinalAt, newestWindowOf, oldestCorrectableAt, oldestWindowOf, paneStartOf, type WindowRules } from './window-frames.ts';
import { statisticsOf, windowRecord } from './window-record.ts';

export interface Placement {
  /** Some window that holds the reading was already final by the patient's watermark. */
  readonly late: boolean;
  /** A final window was told again because of it. */
  readonly corrected: boolean;
  readonly corrections: readonly WindowClosed[];
}

const onTime: Placement = Object.freeze({ late: false, corrected: false, corrections: [] });

export interface Placing {
  readonly rules: WindowRules;
  /** By vital; NaN = not measured. */
  readonly values: PerVital;
  /** By vital, whether the reading is outside any alarm episode. */
  readonly isClean: (vital: number) => boolean;
}

function addToPane(patient: Patient, reading: Sample, { rules, values, isClean }: Placing): void {
  const pane = patient.editPane(paneStartOf(reading.observedAt, rules));
  if (pane !== patient.panes.at(-1)) patient.baselines.invalidate();
  addSamples(pane, reading, { values, isClean });
}

/** Adds what was measured to a pane. */
export function addSamples(pane: Pane, reading: Sample, { values, isClean }: Pick<Placing, 'values' | 'isClean'>): void {
  for (let vital = 0; vital < vitalCount; vital++) {
    const value = at(values, vital);
    if (!Number.isNaN(value)) pane.add(vital, value, reading, isClean(vital));
  }
}

/** Puts a reading into its pane and tells again every final window that holds it and can still be corrected. */
export function placeReading(patient: Patient, reading: Sample, placing: Placing): Placement {
  const { rules } = placing;
  const watermark = patient.clock.maxObservedAt - rules.boundMs;
  const newestFinal = newestFinalAt(watermark, rules);
  const oldest = oldestWindowOf(reading.observedAt, rules);
  if (oldest > newestFinal) {
    addToPane(patient, reading, placing);
    patient.open = true;
    return onTime;
  }
  const newest = newestWindowOf(reading.observedAt, rules);
  const oldestCorrectable = oldestCorrectableAt(watermark, rules);
  if (newest < oldestCorrectable) return { late: true, corrected: false, corrections: [] };

  addToPane(patient, reading, placing);
  const corrections: WindowClosed[] = [];
  if (newest > newestFinal) patient.open = true;
  const lastFinal = Math.min(newest, newestFinal);
  for (let start = Math.max(oldest, oldestCorrectable); start <= lastFinal; start += rules.advanceMs) {
    corrections.push(...tellWindow(patient, rules, { start, closedBy: 'correction' }));
  }
  return { late: true, corrected: corrections.length > 0, corrections };
}

/** The windows of a reading as they stand now, for readers who cannot wait for the end. They carry the revision to come. */
export function earlyResults(patient: Patient, reading: Sample, { rules, values }: Placing): WindowClosed[] {
  const records: WindowClosed[] = [];
  const newest = newestWindowOf(reading.observedAt, rules);
  for (let start = oldestWindowOf(reading.observedAt, rules); start <= newest; start += rules.advanceMs) {
    const revisions = emittedAt(patient, start)?.revisions;
    for (let vital = 0; vital < vitalCount; vital++) {
      if (Number.isNaN(at(values, vital))) continue;
      const statistics = statisticsOf(patient, { start, sizeMs: rules.sizeMs, vital });
      records.push(windowRecord(patient, rules, { start, vital, revision: revisions?.[vital] ?? 0, closedBy: 'update', statistics }));
    }
  }
  return records;
}
