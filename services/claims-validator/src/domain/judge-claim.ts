import type { LineReason } from '@vigil/contracts';
import type { SubStage } from './adjudication.ts';
import { noteVersion, pendKey, type ClaimCase, type LineCase } from './claim-case.ts';
import type { Phase } from './rules/claim-rules.ts';
import type { Evidence } from './evidence.ts';
import type { ClaimRule, Finding, LineRule } from './rules/rule.ts';

const noEvidence: Evidence = { table: '', row: '', version: 0 };

export function reasonOf(code: string, { detail, evidence }: Finding): LineReason {
  const { table, row, version } = evidence ?? noEvidence;
  return { rule: code, table, row, version, detail };
}

/** How a line is denied. */
export interface Denial {
  readonly subStage: SubStage;
  readonly group: string;
  readonly carc: string;
  readonly rarc: readonly string[];
}

const negativeDenial: Denial = { subStage: 'validate', group: 'CO', carc: '16', rarc: ['M79'] };

/** What a decision tells as charged: no amount below zero is ever decided, so that what takes a decision back is never above it. */
export const toldChargeOf = ({ line }: LineCase): number => Math.max(0, line.chargeCents);

/** The whole charge under one reason; what was cut from the line before is part of it. */
export function denyLine(line: LineCase, { subStage, group, carc, rarc }: Denial): void {
  line.denied = true;
  line.deniedIn = subStage;
  line.adjustments = [{ group, carc, cents: toldChargeOf(line) }];
  line.rarc = [...rarc];
}

function pend(rule: ClaimRule | LineRule, finding: Finding, { at, line }: { readonly at: ClaimCase; readonly line: number }): void {
  const reason = { code: rule.code, field: finding.field ?? '', line: finding.line ?? line };
  const key = pendKey(reason.code, reason.line);
  if (at.lookedAt.has(key) && !rule.lasting) return;
  const told = `${key}:${reason.field}`;
  at.toldPends ??= new Set();
  if (at.toldPends.has(told)) return;
  at.toldPends.add(told);
  at.pendReasons.push(reason);
}

/** Whatever else a claim is denied for: a line below zero is told why its charge is 0. */
export function denyNegatives(at: ClaimCase): void {
  for (const line of at.toldLines) {
    if (line.line.chargeCents >= 0) continue;
    denyLine(line, negativeDenial);
    line.reasons.push({ rule: 'NEGATIVE_AMOUNT', ...noEvidence, detail: '' });
  }
}

type GroupOf = (carc: string, otherwise: string) => string;

/** How a finding denies; undefined = it goes to a person. */
function denialOf(rule: ClaimRule | LineRule, { instead, rarc }: Finding, groupOf: GroupOf): Denial | undefined {
  const { group, carc } = instead ?? rule;
  return carc === '' ? undefined : { subStage: rule.subStage, group: groupOf(carc, group), carc, rarc: rarc ?? rule.rarc };
}

function noteEvidence({ evidence }: Finding, at: ClaimCase): void {
  if (evidence !== undefined && evidence.version > 0) noteVersion(at, evidence.table, evidence.version);
}

/** Asks one rule about one line that stands. */
export function judgeLine(rule: LineRule, line: LineCase, at: ClaimCase): void {
  const finding = rule.find(line, at);
  if (finding === null) return;
  noteEvidence(finding, at);
  const denial = denialOf(rule, finding, line.terms.groupOf);
  if (denial === undefined) return pend(rule, finding, { at, line: line.line.line });
  denyLine(line, denial);
  line.reasons.push(reasonOf(rule.code, finding));
}

function addRemarks(lines: readonly LineCase[], remarks: readonly string[]): void {
  for (const line of lines) for (const remark of remarks) if (!line.rarc.includes(remark)) line.rarc.push(remark);
}

/**
 * Denies all lines; the remark goes to the line that it is about, else to all. There may be as many findings as lines, so a
 * finding must not look at all lines: those about the whole claim do so once for each remark, and there are few of these.
 */
function denyLines(denial: Denial, findings: readonly Pick<Finding, 'line' | 'rarc'>[], at: ClaimCase): void {
  const byLine = Map.groupBy(at.toldLines, ({ line }) => line.line);
  const toldToAll = new Set<string>();
  for (const line of at.toldLines) if (!line.denied) denyLine(line, { ...denial, rarc: [] });
  for (const { line = 0, rarc = denial.rarc } of findings) {
    if (line !== 0) addRemarks(byLine.get(line) ?? [], rarc);
    else addRemarks(at.toldLines, [...new Set(rarc).difference(toldToAll)]);
    if (line === 0) for (const remark of rarc) toldToAll.add(remark);
  }
}

/** Asks one rule about the claim; whether it denied it. */
function judgeWhole(rule: ClaimRule, at: ClaimCase): boolean {
  const findings = rule.find(at);
  const first = findings[0];
  // Nearly every rule finds nothing in nearly every claim.
  if (first === undefined) return false;
  noteEvidence(first, at);
  const denial = denialOf(rule, first, at.terms.groupOf);
  if (denial === undefined) {
    for (const finding of findings) pend(rule, finding, { at, line: 0 });
    return false;
  }
  at.claimReasons.push(reasonOf(rule.code, first));
  denyLines({ ...denial, rarc: rule.rarc }, findings, at);
  return true;
}

/** Everything else that is wrong in the same way is told with it, so that the sender corrects it in one go. */
function judgeAlike(denied: ClaimRule, rules: Phase['rules'], at: ClaimCase): void {
  for (const rule of rules.slice(rules.indexOf(denied) + 1)) {
    if (rule.of === 'claim' && rule.step === denied.step && rule.carc === denied.carc) judgeWhole(rule, at);
  }
}

/** Whether no line is left to judge; a claim without lines is denied by a rule or not at all. */
export function allDenied(at: ClaimCase): boolean {
  for (const line of at.lines) if (!line.denied) return false;
  return at.lines.length > 0;
}

function judgeStandingLines(rule: LineRule, at: ClaimCase): void {
  for (const line of at.lines) if (!line.denied) judgeLine(rule, line, at);
}

/** Asks the rules of a phase, one after the other; whether the claim has come to its end. */
export function judgePhase({ rules }: Phase, at: ClaimCase): boolean {
  for (const rule of rules) {
    if (rule.of === 'line') judgeStandingLines(rule, at);
    else if (judgeWhole(rule, at)) {
      judgeAlike(rule, rules, at);
      return true;
    }
  }
  return allDenied(at);
}

/** As many as a person may read, and a review holds. What is left of more is asked for when these are answered. */
const mostOpenReasons = 1_000;

/** What a person has to look at: of lines that stand, and of the claim. */
export function openReasons(at: ClaimCase): ClaimCase['pendReasons'] {
  if (at.pendReasons.length === 0) return at.pendReasons;
  const denied = new Set(at.lines.filter((line) => line.denied).map(({ line }) => line.line));
  return at.pendReasons.filter(({ line }) => !denied.has(line)).slice(0, mostOpenReasons);
}
