import type { Patient } from '../patient/patient.ts';
import type { ScoreRules } from '../rules.ts';
import type { AgeBand } from '../scores/age.ts';
import { scoreNews2, type News2Score } from '../scores/news2.ts';
import { at, heartRate, noVital, oxygenSaturation, respiratoryRate, systolic, temperature } from '../vitals.ts';
import { paneStartOf, type WindowRules } from '../windows/window-frames.ts';
import type { AlarmBoard } from './alarm-board.ts';
import type { Observed } from './assess-technical.ts';
import type { Severity } from './finding.ts';

const scoredVitals = [respiratoryRate, oxygenSaturation, systolic, heartRate, temperature] as const;

/** Points of one parameter that ask for a review by themselves. */
const singleParameter = 3;

export interface Scoring {
  readonly rules: ScoreRules;
  readonly windows: WindowRules;
  readonly age: AgeBand;
}

/** The value of a vital at this reading: its own, or a recent one of before; null = none recent enough. */
function currentValue(patient: Patient, { reading, values }: Observed, vital: number, { rules, windows }: Scoring): number | null {
  const own = at(values, vital);
  if (!Number.isNaN(own)) return own;
  const lastAt = at(patient.clock.lastAt, vital);
  if (reading.observedAt - lastAt > rules.maxAgeMs) return null;
  return patient.paneAt(paneStartOf(lastAt, windows))?.last(vital) ?? null;
}

/** Whether the reading says anything that the score is made of. */
const speaks = ({ reading, values }: Observed): boolean =>
  reading.consciousness !== null || scoredVitals.some((vital) => !Number.isNaN(at(values, vital)));

/** The score at this reading, or null where it says nothing that counts. */
function scoreAt(patient: Patient, observed: Observed, scoring: Scoring): News2Score | null {
  if (!speaks(observed)) return null;
  const value = (vital: number): number | null => currentValue(patient, observed, vital, scoring);
  return scoreNews2({
    respiratoryRate: value(respiratoryRate),
    oxygenSaturation: value(oxygenSaturation),
    supplementalOxygen: observed.reading.supplementalOxygen,
    systolic: value(systolic),
    pulse: value(heartRate),
    consciousness: observed.reading.consciousness,
    temperatureC: value(temperature),
  });
}

/**
 * What a score asks for. 7 and more: emergency response = critical; 5–6, or 3 in a single parameter: urgent review = warning.
 * Null = nothing; `holds` = an open alarm stays as it is, one hysteresis below its threshold.
 *
 * @see Royal College of Physicians, NEWS2, 2017, "Clinical response to the NEWS trigger thresholds"
 */
export function severityOf({ score, singleThree }: News2Score, rules: ScoreRules, open: Severity | null): Severity | 'holds' | null {
  if (score >= rules.criticalFrom) return 'critical';
  if (open === 'critical' && score >= rules.criticalFrom - rules.hysteresis) return 'critical';
  if (score >= rules.warningFrom || singleThree) return 'warning';
  return open !== null && score >= rules.warningFrom - rules.hysteresis ? 'holds' : null;
}

const thresholdOf = ({ score }: News2Score, { criticalFrom, warningFrom }: ScoreRules): number => {
  if (score >= criticalFrom) return criticalFrom;
  return score >= warningFrom ? warningFrom : singleParameter;
};

/** Scores the patient and holds the score against the thresholds. Refused below 16 years; unknown age is scored with a flag. */
export function assessScore(board: AlarmBoard, patient: Patient, observed: Observed, scoring: Scoring): void {
  const { rules, age } = scoring;
  if (age === 'refused') return board.end('news2', noVital);
  const score = scoreAt(patient, observed, scoring);
  if (score === null) return;
  const open = board.open('news2', noVital);
  const severity = severityOf(score, rules, open?.phase === 'raised' ? open.severity : null);
  if (severity === null) return board.release('news2', noVital);
  if (severity === 'holds') return;
  board.meet({
    rule: 'news2',
    vital: noVital,
    kind: 'physiological',
    severity,
    value: score.score,
    threshold: thresholdOf(score, rules),
    missing: score.missing,
    flags: [...(age === 'unknown' ? ['AGE_UNKNOWN'] : []), ...(score.kind === 'partial' ? ['PARTIAL_SCORE'] : [])],
  });
}
