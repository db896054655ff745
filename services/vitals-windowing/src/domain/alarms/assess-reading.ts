import type { Patient } from '../patient/patient.ts';
import type { ClinicalRules } from '../rules.ts';
import type { AgeBand } from '../scores/age.ts';
import { at, vitalCount } from '../vitals.ts';
import { paneStartOf } from '../windows/window-frames.ts';
import type { AlarmChange } from './advance-alarm.ts';
import { AlarmBoard } from './alarm-board.ts';
import { assessDeviation } from './assess-deviation.ts';
import { assessLimits } from './assess-limits.ts';
import { assessScore } from './assess-score.ts';
import { assessSilence, assessTechnical, type Observed } from './assess-technical.ts';

/**
 * Holds a reading against every rule, before it is placed into its window: what is known of the patient is what was known
 * before it. Alarms move in log order; a reading older than what is known of its vital is held against absolute limits only.
 */
export function assessReading(
  patient: Patient,
  observed: Observed,
  { rules, age }: { rules: ClinicalRules; age: AgeBand },
): readonly AlarmChange[] {
  const { reading, values } = observed;
  const board = new AlarmBoard(patient, reading, rules.alarms);
  assessTechnical(board, patient, observed, rules.technical);
  const paneStart = paneStartOf(reading.observedAt, rules.windows);
  const pane = patient.paneAt(paneStart);
  for (let vital = 0; vital < vitalCount; vital++) {
    const value = at(values, vital);
    if (Number.isNaN(value)) continue;
    const late = reading.observedAt < at(patient.clock.lastAt, vital);
    assessLimits(board, rules.limits, { vital, value, late });
    if (!late) assessDeviation(board, patient, rules.deviation, { vital, value, paneStart, pane });
  }
  if (reading.observedAt >= patient.clock.maxObservedAt) {
    assessScore(board, patient, observed, { rules: rules.scores, windows: rules.windows, age });
    assessSilence(board, patient, observed, rules.technical);
  }
  return board.changes;
}

/** Whether a vital is outside any alarm episode of its own, pending ones included: then its reading may serve as baseline. */
export function isOutsideEpisodes(patient: Patient, vital: number): boolean {
  for (const { vital: alarmed, phase, rule } of patient.alarms) {
    if (alarmed === vital && phase !== 'idle' && rule !== 'silent') return false;
  }
  return true;
}
