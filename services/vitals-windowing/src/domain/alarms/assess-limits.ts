import type { LimitRules } from '../rules.ts';
import { at } from '../vitals.ts';
import type { AlarmBoard } from './alarm-board.ts';
import { none, type Finding, type Severity } from './finding.ts';

const severityOf = ({ criticalLow, criticalHigh }: LimitRules, vital: number, value: number): Severity =>
  value <= at(criticalLow, vital) || value >= at(criticalHigh, vital) ? 'critical' : 'warning';

const breach = (rules: LimitRules, vital: number, value: number): Finding | null => {
  const isLow = value < at(rules.low, vital);
  if (!isLow && !(value > at(rules.high, vital))) return null;
  return {
    rule: isLow ? 'limit-low' : 'limit-high',
    vital,
    kind: 'physiological',
    severity: severityOf(rules, vital, value),
    value,
    threshold: at(isLow ? rules.low : rules.high, vital),
    missing: none,
    flags: none,
  };
};

/** Holds a value against the limits of the workflow definition. Between a limit and its hysteresis a raised alarm stays as it is. */
export function assessLimits(
  board: AlarmBoard,
  rules: LimitRules,
  { vital, value, late }: { vital: number; value: number; late: boolean },
): void {
  const finding = breach(rules, vital, value);
  if (late) {
    if (finding !== null) board.meetLate(finding);
    return;
  }
  if (value >= at(rules.low, vital) + at(rules.hysteresis, vital)) board.release('limit-low', vital);
  else if (finding?.rule !== 'limit-low') board.withdraw('limit-low', vital);
  if (value <= at(rules.high, vital) - at(rules.hysteresis, vital)) board.release('limit-high', vital);
  else if (finding?.rule !== 'limit-high') board.withdraw('limit-high', vital);
  if (finding !== null) board.meet(finding);
}
