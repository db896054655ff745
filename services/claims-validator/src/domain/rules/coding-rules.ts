import type { EditChanged } from '@vigil/contracts';
import { standingServices, type ClaimCase, type ColumnOne, type LineCase } from '../claim-case.ts';
import type { KnownService } from '../claim-world.ts';
import { shareOf } from '../money.ts';
import { editEvidence } from './judge-edit.ts';
import { lineRule, type Finding, type Rule } from './rule.ts';
import { codeOf, earlierServices } from './same-service.ts';

/** Modifiers that NCCI takes as a sign that two procedures were separate: anatomical, of global surgery, and others. */
const separate = new Set(
  (
    'E1 E2 E3 E4 FA F1 F2 F3 F4 F5 F6 F7 F8 F9 TA T1 T2 T3 T4 T5 T6 T7 T8 T9 LT RT LC LD RC LM RI ' +
    '24 25 57 58 78 79 27 59 91 XE XS XP XU'
  ).split(' '),
);

function isSeparate(modifiers: readonly string[]): boolean {
  for (const modifier of modifiers) if (separate.has(modifier)) return true;
  return false;
}

const lifts = (row: EditChanged, one: readonly string[], other: readonly string[]): boolean =>
  row.modifierAllowed && (isSeparate(one) || isSeparate(other));

/** Decided services of the same provider and day, where the plan compares across claims. */
function acrossClaims(line: LineCase, at: ClaimCase): readonly KnownService[] {
  if (line.terms.settings.ncciAcrossClaims === 'off') return [];
  const services = standingServices(at, line.day);
  return services.length === 0 ? services : services.filter((known) => !known.denied && known.providerId === at.claim.providerId);
}

const pairsOf = (columnOne: string, { day }: LineCase, at: ClaimCase): readonly EditChanged[] =>
  at.world.reference.edits('ncci-ptp', columnOne, day);

/** The pair whose column two the line is. */
function pairWith(line: LineCase, pairs: readonly EditChanged[]): EditChanged | undefined {
  for (const pair of pairs) if (pair.other === line.code) return pair;
  return undefined;
}

/** Looked up once: a claim of a thousand lines compares each with each. */
function columnOnesOf(at: ClaimCase): readonly ColumnOne[] {
  return (at.columnOnes ??= findColumnOnes(at));
}

function findColumnOnes(at: ClaimCase): readonly ColumnOne[] {
  const found: ColumnOne[] = [];
  for (const line of at.lines) {
    const pairs = pairsOf(line.code, line, at);
    if (pairs.length > 0) found.push({ line, pairs });
  }
  return found;
}

/** The line is column two: column one stands on another line of the day, or on an earlier claim. */
function findColumnTwo(line: LineCase, at: ClaimCase): Finding | null {
  for (const { line: other, pairs } of columnOnesOf(at)) {
    if (other === line || other.denied || other.day !== line.day) continue;
    const pair = pairWith(line, pairs);
    if (pair !== undefined && !lifts(pair, line.line.modifiers, other.line.modifiers)) {
      return { detail: `line ${other.line.line}`, evidence: editEvidence(at, pair) };
    }
  }
  for (const known of acrossClaims(line, at)) {
    const pair = pairWith(line, pairsOf(codeOf(known), line, at));
    if (pair !== undefined && !lifts(pair, line.line.modifiers, known.modifiers)) {
      return { detail: `line ${known.line} of an earlier claim`, evidence: editEvidence(at, pair) };
    }
  }
  return null;
}

/** The line is column one, and its column two was paid before: what was paid has to be taken back, which is for a person. */
function findPaidColumnTwo(line: LineCase, at: ClaimCase): Finding | null {
  const services = acrossClaims(line, at);
  if (services.length === 0) return null;
  const rows = at.world.reference.edits('ncci-ptp', line.code, line.day);
  for (const row of rows) {
    for (const known of services) {
      const paid = codeOf(known) === row.other && known.paidCents > 0;
      if (paid && !lifts(row, line.line.modifiers, known.modifiers))
        return { detail: '', field: 'services', evidence: editEvidence(at, row) };
    }
  }
  return null;
}

/** The line is part of another service of the day, or of any. */
function findBundled(line: LineCase, at: ClaimCase): Finding | null {
  for (const row of at.world.reference.edits('bundle', line.code, line.day)) {
    if (row.modifierAllowed && isSeparate(line.line.modifiers)) continue;
    const whole =
      row.other === '*' ||
      at.lines.some((other) => other !== line && !other.denied && other.day === line.day && other.code === row.other) ||
      acrossClaims(line, at).some((known) => codeOf(known) === row.other);
    if (whole) return { detail: '', evidence: editEvidence(at, row) };
  }
  return null;
}

/** Units that count against an MUE before this line, in thousandths. */
function unitsBefore(line: LineCase, at: ClaimCase): number {
  if (line.terms.settings.mueCounts === 'line') return 0;
  let units = 0;
  for (const known of earlierServices(line, at)) if (known.providerId === at.claim.providerId) units += known.unitsThousandths;
  for (const other of at.lines) {
    if (other === line) break;
    if (!other.denied && other.code === line.code && other.day === line.day) units += other.units;
  }
  return units;
}

/** Cuts the line to the units that are left; its charge goes with them. A share that rounds to nothing is no adjustment. */
function cutUnits(line: LineCase, left: number, mueCents: number): void {
  if (mueCents > 0) line.adjustments.push({ group: line.terms.groupOf('151', 'CO'), carc: '151', cents: mueCents });
  line.chargeCents -= mueCents;
  line.units = left;
  line.rarc.push('N362');
}

function findTooManyUnits(line: LineCase, at: ClaimCase): Finding | null {
  for (const row of at.world.reference.edits('mue', line.code, line.day)) {
    if (row.most === null) continue;
    const most = row.most * 1000;
    const before = unitsBefore(line, at);
    if (before + line.units <= most) continue;
    const left = most - before;
    const detail = `${row.most} units a day; ${before} thousandths before, ${line.units} billed`;
    if (left <= 0 || line.terms.settings.mue !== 'cut') return { detail, evidence: editEvidence(at, row) };
    const cents = shareOf(line.chargeCents, { numerator: line.units - left, denominator: line.units }, line.terms.settings.rounding);
    line.reasons.push({ rule: 'MUE', ...editEvidence(at, row), detail: `${detail}; cut to ${left}` });
    cutUnits(line, left, cents);
  }
  return null;
}

const across = ['ncci.across-claims'];

/** Steps 13 and 14: what may not be billed together or so often. */
export const codingRules: readonly Rule[] = [
  lineRule(
    {
      code: 'NCCI_PAIR',
      name: 'The procedure is column two of an NCCI pair whose column one stands, without a modifier that lifts it',
      step: 13,
      group: 'CO',
      carc: '236',
      settings: across,
      source: 'CMS NCCI Policy Manual ch. I; edit table ncci-ptp; CARC 236',
    },
    findColumnTwo,
  ),
  lineRule(
    {
      code: 'NCCI_PAID_BEFORE',
      name: 'The procedure is column one of an NCCI pair whose column two was paid on an earlier claim',
      step: 13,
      settings: across,
      source: 'CMS NCCI Policy Manual ch. I; the earlier payment has to be taken back',
    },
    findPaidColumnTwo,
  ),
  lineRule(
    {
      code: 'BUNDLED',
      name: 'The procedure is part of another that stands, or is never paid by itself',
      step: 13,
      group: 'CO',
      carc: '97',
      rarc: ['N19'],
      settings: across,
      source: 'edit table bundle; CARC 97',
    },
    findBundled,
  ),
  lineRule(
    {
      code: 'MUE',
      name: 'More units than are medically likely',
      step: 14,
      group: 'CO',
      carc: '151',
      rarc: ['N362'],
      settings: ['mue', 'mue.counts', 'rounding'],
      source: 'CMS NCCI, Medically Unlikely Edits; edit table mue; CARC 151',
    },
    findTooManyUnits,
  ),
];
