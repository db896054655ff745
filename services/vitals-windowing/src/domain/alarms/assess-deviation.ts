import type { Patient } from '../patient/patient.ts';
import type { DeviationRules } from '../rules.ts';
import { at } from '../vitals.ts';
import { deviationOf, mergeMoments, noMoments, type Moments, type Pane } from '../windows/pane.ts';
import type { AlarmBoard } from './alarm-board.ts';
import { none } from './finding.ts';

/** Merges the panes before the current one, newest first: those of the baseline's time, and further back while readings are too few. */
function gather(
  patient: Patient,
  rules: DeviationRules,
  { vital, paneStart, total }: { vital: number; paneStart: number; total: Moments },
): void {
  const { panes } = patient;
  for (let index = panes.length - 1; index >= 0; index--) {
    const pane = panes[index] as Pane;
    if (pane.start >= paneStart) continue;
    const inBaseline = pane.start > paneStart - rules.baselineMs;
    if (!inBaseline && (total.n >= rules.minCount || pane.start <= paneStart - rules.reachMs)) return;
    pane.mergeBaseline(vital, total);
  }
}

/**
 * The baseline of a sample in the pane that starts at `paneStart`: accepted readings before it, outside alarm episodes,
 * the sample itself not among them. Its far end is exact to a pane.
 */
export function baselineOf(patient: Patient, rules: DeviationRules, { vital, paneStart }: { vital: number; paneStart: number }): Moments {
  let earlier = patient.baselines.get(vital, paneStart);
  if (earlier === undefined) {
    earlier = patient.baselines.replace(vital, paneStart);
    gather(patient, rules, { vital, paneStart, total: earlier });
  }
  const total = noMoments();
  mergeMoments(total, earlier.n, earlier.mean, earlier.m2);
  patient.paneAt(paneStart)?.mergeBaseline(vital, total);
  return total;
}

export type Deviation =
  | { readonly kind: 'insufficientBaseline' }
  /** `score` = standard deviations from the mean, with the floor; `change` = distance from the mean. */
  | { readonly kind: 'scored'; readonly score: number; readonly change: number };

/**
 * How far a value is from its baseline. A naive score over the window that holds the sample could not exceed
 * (n − 1)/√n, so the sample is never part of its baseline.
 */
export function scoreDeviation(value: number, baseline: Moments, rules: DeviationRules, vital: number): Deviation {
  if (baseline.n < rules.minCount) return { kind: 'insufficientBaseline' };
  const change = Math.abs(value - baseline.mean);
  return { kind: 'scored', change, score: change / Math.max(deviationOf(baseline) ?? 0, at(rules.floor, vital)) };
}

export interface DeviatingSample {
  readonly vital: number;
  readonly value: number;
  readonly paneStart: number;
}

/** Holds a value against the patient's own baseline. While a limit alarm of the vital is open, that alarm speaks for it. */
export function assessDeviation(board: AlarmBoard, patient: Patient, rules: DeviationRules, sample: DeviatingSample): void {
  const { vital, value } = sample;
  if (board.open('limit-low', vital) !== undefined || board.open('limit-high', vital) !== undefined) return;
  const deviation = scoreDeviation(value, baselineOf(patient, rules, sample), rules, vital);
  // The baseline stands still during an episode; when it is out of reach, what the patient has now is the new normal.
  if (deviation.kind === 'insufficientBaseline') return board.end('deviation', vital);
  const { score, change } = deviation;
  const minChange = at(rules.minChange, vital);
  if (score >= rules.threshold && change >= minChange) {
    board.meet({
      rule: 'deviation',
      vital,
      kind: 'physiological',
      severity: 'warning',
      value: score,
      threshold: rules.threshold,
      missing: none,
      flags: none,
    });
  } else if (score < rules.threshold * rules.clearRatio || change < minChange * rules.clearRatio) {
    board.release('deviation', vital);
  }
}
