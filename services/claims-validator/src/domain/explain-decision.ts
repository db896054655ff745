import type { AdjudicatedLine, ClaimAdjudicated, LineReason, PendReason } from '@vigil/contracts';
import { claimRules } from './rules/claim-rules.ts';

const names = new Map(claimRules.map(({ code, name }) => [code, name] as const));
const nameOf = (code: string): string => names.get(code) ?? code;

/** Cents as a person writes them: `-1,234.50`. */
export function writeMoney(cents: number): string {
  const digits = String(Math.abs(cents)).padStart(3, '0');
  const whole = digits.slice(0, -2).replaceAll(/\B(?=(\d{3})+$)/g, ',');
  return `${cents < 0 ? '-' : ''}${whole}.${digits.slice(-2)}`;
}

function explainReason({ rule, table, row, version, detail }: LineReason): string {
  const evidence =
    table === '' ? '' : ` [${[table, row, version === 0 ? 'no version' : `version ${version}`].filter((part) => part !== '').join(', ')}]`;
  return `${rule}: ${nameOf(rule)}${detail === '' ? '' : ` (${detail})`}${evidence}`;
}

const whereOf = ({ line }: PendReason): string => (line === 0 ? 'claim' : `line ${line}`);
const explainPend = (reason: PendReason): string =>
  `waits for a person, ${whereOf(reason)}: ${reason.code}: ${nameOf(reason.code)}${reason.field === '' ? '' : ` (${reason.field})`}`;

function explainLine(line: AdjudicatedLine): string[] {
  const code = [line.procedureCode === '' ? line.revenueCode : line.procedureCode, ...line.modifiers].join(' ');
  const outcome = line.denied ? 'denied' : `allowed ${writeMoney(line.allowedCents)}, paid ${writeMoney(line.paidCents)}`;
  const adjustments = line.adjustments.map(({ group, carc, cents }) => `${group}-${carc} ${writeMoney(cents)}`);
  const remarks = line.rarc.length === 0 ? '' : `; remarks ${line.rarc.join(' ')}`;
  return [
    `line ${line.line} ${code}: charged ${writeMoney(line.chargeCents)}, ${outcome}${adjustments.length === 0 ? '' : `; ${adjustments.join(', ')}`}${remarks}`,
    ...line.reasons.map((reason) => `  ${explainReason(reason)}`),
  ];
}

/**
 * A decision as a person reads it: what became of the claim, then line by line every rule that decided something, the row of
 * the table that it looked at, its version, and the amounts.
 */
export function explainDecision(decision: ClaimAdjudicated): string[] {
  const { outcome, planId, network, chargeCents, paidCents, patientCents } = decision;
  const plan = planId === '' ? 'no plan' : `plan ${planId}, ${network === 'in' ? 'in' : 'out of'} network`;
  return [
    `${outcome}: charged ${writeMoney(chargeCents)}, paid ${writeMoney(paidCents)}, patient ${writeMoney(patientCents)} (${plan})`,
    ...decision.claimReasons.map(explainReason),
    ...decision.pendReasons.map(explainPend),
    ...decision.lines.flatMap(explainLine),
  ];
}
