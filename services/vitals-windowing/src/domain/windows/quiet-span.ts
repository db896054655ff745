import type { Patient } from '../patient/patient.ts';
import { newestFinalAt, oldestWindowOf, paneStartOf, type WindowRules } from './window-frames.ts';

/**
 * After a reading in time: which readings will be like it, in the same pane, in time, closing nothing. They are nearly
 * all, and of them only the pane and the clock need be touched. It follows from the clock and the panes alone, so it holds
 * in later batches, too.
 */
export function noteQuietSpan(patient: Patient, observedAt: number, rules: WindowRules): void {
  const pane = patient.panes.at(-1);
  // The newest pane may be one of before the width was set anew.
  if (rules.earlyUpdates || pane === undefined || pane.start !== paneStartOf(observedAt, rules)) return;
  const newestFinal = newestFinalAt(patient.clock.maxObservedAt - rules.boundMs, rules);
  if (oldestWindowOf(pane.start, rules) <= newestFinal) return;
  const nextFinalAt = newestFinal + rules.advanceMs + rules.sizeMs + rules.graceMs + rules.boundMs;
  patient.beQuiet(pane.start, Math.min(pane.start + rules.paneMs, nextFinalAt));
}
