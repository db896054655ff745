import type { ExcludedField, ReadingAccepted } from '@vigil/contracts';
import type { Patient } from '../patient/patient.ts';
import type { TechnicalRules } from '../rules.ts';
import { at, codeOfVital, heartRate, noVital, respiratoryRate, vitalCodes, vitalCount, type PerVital } from '../vitals.ts';
import type { AlarmBoard } from './alarm-board.ts';
import { none, type AlarmKind, type Finding, type RuleCode, type Severity } from './finding.ts';

/** Device statuses and exclusion codes as device-ingest writes them. */
const leadOff = 'LEAD_OFF';
const zeroSignal = 'ZERO_SIGNAL';

/** The least heart rate that can be a measurement. */
const leastHeartRate = 20;

interface Technical {
  readonly rule: RuleCode;
  readonly vital: number;
  readonly kind?: AlarmKind;
  readonly severity?: Severity;
  readonly value?: number | null;
  readonly threshold?: number | null;
}

const finding = ({ rule, vital, kind = 'technical', severity = 'warning', value = null, threshold = null }: Technical): Finding => ({
  rule,
  vital,
  kind,
  severity,
  value,
  threshold,
  missing: none,
  flags: none,
});

const zeroRules = [
  { vital: heartRate, rule: 'asystole' },
  { vital: respiratoryRate, rule: 'apnoea' },
] as const satisfies readonly { vital: number; rule: RuleCode }[];

export interface Observed {
  readonly reading: ReadingAccepted;
  /** By vital; NaN = not measured. */
  readonly values: PerVital;
}

/**
 * Whether another vital of the patient is alive: measured by this very reading, or, where this reading does not speak of
 * it, a moment ago (a second monitor). One that this reading excluded is not: then the whole monitor lost its signal.
 */
function anotherIsAlive(patient: Patient, { reading, values }: Observed, { vital, aliveMs }: { vital: number; aliveMs: number }): boolean {
  for (let other = 0; other < vitalCount; other++) {
    if (other === vital) continue;
    if (!Number.isNaN(at(values, other))) return true;
    if (reading.excluded.some(({ field }) => field === vitalCodes[other])) continue;
    if (reading.observedAt - at(patient.clock.lastAt, other) <= aliveMs) return true;
  }
  return false;
}

/** Whether something newer of the vital is known: then a finding tells of the past. */
const isOld = (patient: Patient, { reading }: Observed, vital: number): boolean => reading.observedAt < at(patient.clock.lastAt, vital);

const meetIn = (board: AlarmBoard, isOld: boolean, found: Finding): void => {
  if (!isOld) board.meet(found);
  else if (found.severity === 'critical') board.meetLate(found);
};

/** A rate of zero: of the patient and critical while another vital is alive, else of the lead. Returns whether it is of the lead. */
function assessZero(
  board: AlarmBoard,
  patient: Patient,
  observed: Observed,
  where: { zero: (typeof zeroRules)[number]; aliveMs: number },
): boolean {
  const { zero, aliveMs } = where;
  const excluded = observed.reading.excluded.find(({ field }) => field === codeOfVital(zero.vital));
  if (excluded?.code !== zeroSignal) return false;
  if (!anotherIsAlive(patient, observed, { vital: zero.vital, aliveMs })) return true;
  meetIn(
    board,
    isOld(patient, observed, zero.vital),
    finding({ ...zero, kind: 'physiological', severity: 'critical', value: 0, threshold: 0 }),
  );
  return false;
}

/** An excluded heart rate above zero and below what can be measured: an artefact, or almost no heart beat. */
const isImplausiblyLow = ({ field, code, rawValue }: ExcludedField): boolean =>
  field === vitalCodes[heartRate] && code === 'OUT_OF_RANGE' && rawValue !== null && rawValue > 0 && rawValue < leastHeartRate;

/**
 * Alarms of what was measured and cannot be a measurement: no heart beat, no breath, a lead that is off.
 * Zeros while the device itself says that a lead is off are that, never an asystole.
 */
export function assessTechnical(board: AlarmBoard, patient: Patient, observed: Observed, { aliveMs }: TechnicalRules): void {
  const { reading, values } = observed;
  const old = isOld(patient, observed, heartRate);
  let signalLost = reading.deviceStatus === leadOff || reading.excluded.some(({ code }) => code === leadOff);
  if (reading.excluded.length > 0) {
    for (const zero of zeroRules) if (assessZero(board, patient, observed, { zero, aliveMs })) signalLost = true;
    const low = reading.excluded.find(isImplausiblyLow);
    if (low) meetIn(board, old, finding({ rule: 'implausible', vital: heartRate, value: low.rawValue, threshold: leastHeartRate }));
  }
  if (signalLost) meetIn(board, old, finding({ rule: 'lead-off', vital: noVital }));
  if (patient.alarms.length === 0) return;
  if (!signalLost && !old) board.release('lead-off', noVital);
  for (const { vital, rule } of zeroRules) {
    if (!Number.isNaN(at(values, vital)) && !isOld(patient, observed, vital)) board.release(rule, vital);
  }
  if (!Number.isNaN(at(values, heartRate)) && !old) board.release('implausible', heartRate);
}

/** How long a vital may be silent: its setting, or, where it comes rarely, some times its usual interval. */
const patienceOf = (patient: Patient, { silentMs, silentIntervals }: TechnicalRules, vital: number): number =>
  Math.max(at(silentMs, vital), at(patient.clock.gaps, vital) * silentIntervals);

/** A watched vital that was measured before and is missing for long, while the patient's others go on. */
export function assessSilence(board: AlarmBoard, patient: Patient, { reading, values }: Observed, rules: TechnicalRules): void {
  board.release('silent', noVital);
  for (let vital = 0; vital < vitalCount; vital++) {
    if (at(rules.silentMs, vital) === 0) continue;
    if (!Number.isNaN(at(values, vital))) {
      board.release('silent', vital);
      continue;
    }
    const lastAt = at(patient.clock.lastAt, vital);
    const silentFor = reading.observedAt - lastAt;
    if (lastAt === Number.NEGATIVE_INFINITY || silentFor <= patienceOf(patient, rules, vital)) continue;
    board.meet(finding({ rule: 'silent', vital, value: silentFor / 1000, threshold: patienceOf(patient, rules, vital) / 1000 }));
  }
}

/** The finding of a patient of whom nothing at all came for `silentForMs`. */
export const silentMonitor = (silentForMs: number, { silentMonitorMs }: TechnicalRules): Finding =>
  finding({ rule: 'silent', vital: noVital, value: silentForMs / 1000, threshold: silentMonitorMs / 1000 });
