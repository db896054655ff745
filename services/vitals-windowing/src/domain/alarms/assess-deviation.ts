import type { Patient } from '../patient/patient.ts';
import type { DeviationRules } from '../rules.ts';
import { at } from '../vitals.ts';
import { deviationOf, noMoments, type Moments } from '../windows/moments.ts';
import type { Pane } from '../windows/pane.ts';
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

export interface DeviatingSample {
  readonly vital: number;
  readonly value: number;
  /** Start of the pane that the sample falls into. */
  readonly paneStart: number;
  /** That pane; undefined = the sample is its first. */
  readonly pane: Pane | undefined;
}

/** Makes sure that what the panes before the sample's own add to its baseline is kept. */
function keepEarlierBaseline(patient: Patient, rules: DeviationRules, { vital, paneStart }: DeviatingSample): void {
  if (patient.baselines.has(vital, paneStart)) return;
  const total = noMoments();
  gather(patient, rules, { vital, paneStart, total });
  patient.baselines.keep(vital, paneStart, total);
}

/**
 * The baseline of a sample: accepted readings before it, outside alarm episodes, the sample itself not among them:
 * a score over the window that holds the sample could not exceed (n − 1)/√n. Its far end is exact to a pane.
 */
export function baselineOf(patient: Patient, rules: DeviationRules, sample: DeviatingSample): Moments {
  keepEarlierBaseline(patient, rules, sample);
  const total = patient.baselines.moments(sample.vital);
  sample.pane?.mergeBaseline(sample.vital, total);
  return total;
}

/**
 * Whether the value is near both parts of its baseline, and so near the whole, whose mean lies between theirs.
 * Nearly every sample ends here, without the parts having been merged.
 */
function isNear(patient: Patient, rules: DeviationRules, sample: DeviatingSample): boolean {
  const { vital, value, pane } = sample;
  const band = at(rules.minChange, vital) * rules.clearRatio;
  keepEarlierBaseline(patient, rules, sample);
  // A part without readings has no mean, and what is no number is not far away.
  if (Math.abs(value - patient.baselines.mean(vital)) >= band) return false;
  return pane === undefined || !(Math.abs(value - pane.baselineMean(vital)) >= band);
}

/**
 * Holds a value against the patient's own baseline. While a limit alarm of the vital is open, that alarm speaks for it.
 * The baseline stands still during an episode; when it is out of reach, what the patient has now is the new normal.
 */
export function assessDeviation(board: AlarmBoard, patient: Patient, rules: DeviationRules, sample: DeviatingSample): void {
  const { vital, value } = sample;
  if (board.open('limit-low', vital) !== undefined || board.open('limit-high', vital) !== undefined) return;
  if (board.open('deviation', vital) === undefined && isNear(patient, rules, sample)) return;
  const baseline = baselineOf(patient, rules, sample);
  if (baseline.n < rules.minCount) return board.end('deviation', vital);
  const change = Math.abs(value - baseline.mean);
  const minChange = at(rules.minChange, vital);
  const score = change / Math.max(deviationOf(baseline) ?? 0, at(rules.floor, vital));
  if (change < minChange * rules.clearRatio || score < rules.threshold * rules.clearRatio) return board.release('deviation', vital);
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
