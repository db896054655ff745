import type { WindowClosed } from '@vigil/contracts';
import type { Patient } from './patient/patient.ts';
import type { ClinicalRules } from './rules.ts';
import { tellWindow } from './windows/close-windows.ts';
import { newestFinalAt, visitWindows, type WindowRules } from './windows/window-frames.ts';

const isSameCut = (a: WindowRules, b: WindowRules): boolean => a.sizeMs === b.sizeMs && a.advanceMs === b.advanceMs;

/** The rules that the stage works by now. They change between two commits: a commit was decided by one version. */
export class RulesInForce {
  rules: ClinicalRules;
  /** Counts changes of how event time is cut into windows. */
  cut = 1;
  /** How it was cut before, each once. */
  readonly earlier: WindowRules[] = [];

  constructor(rules: ClinicalRules) {
    this.rules = rules;
  }

  take(rules: ClinicalRules): void {
    const { windows } = this.rules;
    this.rules = rules;
    if (isSameCut(windows, rules.windows)) return;
    this.cut++;
    if (!this.earlier.some((known) => isSameCut(known, windows))) this.earlier.push(windows);
  }
}

const nothing: readonly never[] = Object.freeze([]);

/**
 * Cuts a patient's event time by the size in force, where that is another than before. What was told stays as it was told,
 * and can be corrected no more; what was not told yet is cut anew from its panes. A window of the new size that is final
 * already, and holds readings beyond the last final window of the old size, is told at once: no reading is in no window.
 *
 * After a restore nobody knows by which of the earlier sizes the patient was cut last: what was told then still counts.
 */
export function cutAnew(patient: Patient, { rules, cut, earlier }: RulesInForce): readonly WindowClosed[] {
  if (patient.cut === cut) return nothing;
  const wasCutHere = patient.cut > 0;
  if (earlier.length === 0 || patient.panes.length === 0) {
    patient.cut = cut;
    return nothing;
  }
  patient.begin();
  patient.cut = cut;
  patient.endQuiet();
  if (wasCutHere) patient.emitted = [];
  const { windows } = rules;
  const watermark = patient.clock.maxObservedAt - windows.boundMs;
  const toldUntil = Math.min(...earlier.map((before) => newestFinalAt(watermark, before) + before.sizeMs));
  const records: WindowClosed[] = [];
  visitWindows(patient.panes, windows, {
    after: Math.floor((toldUntil - windows.sizeMs) / windows.advanceMs) * windows.advanceMs,
    upTo: newestFinalAt(watermark, windows),
    visit: (start) => void records.push(...tellWindow(patient, windows, { start, closedBy: 'watermark' })),
  });
  patient.open = true;
  return records;
}
