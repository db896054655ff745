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
 * the sample itself not among them: a score over the window that holds the sample could not exceed (n − 1)/√n.
 * Its far end is exact to a pane.
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

export interface DeviatingSample {
  readonly vital: number;
  readonly value: number;
  readonly paneStart: number;
}

/**
 * Holds a value against the patient's own baseline. While a limit alarm of the vital is open, that alarm speaks for it.
 * The baseline stands still during an episode; when it is out of reach, what the patient has now is the new normal.
 */
export function assessDeviation(board: AlarmBoard, patient: Patient, rules: DeviationRules, sample: DeviatingSample): void {
  const { vital, value } = sample;
  if (board.open('limit-low', vital) !== undefined || board.open('limit-high', vital) !== undefined) return;
  const baseline = baselineOf(patient, rules, sample);
  if (baseline.n < rules.minCount) return board.end('deviation', vital);
  const change = Math.abs(value - baseline.mean);
  const minChange = at(rules.minChange, vital);
  // Nearly every sample ends here, without its standard deviation having been asked for.
  if (change < minChange * rules.clearRatio) return board.release('deviation', vital);
  const score = change / Math.max(deviationOf(baseline) ?? 0, at(rules.floor, vital));
  if (score < rules.threshold * rules.clearRatio) return board.release('deviation', vital);
  if (score < rules.threshold || change < minChange) return board.withdraw('deviation', vital);
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
}
