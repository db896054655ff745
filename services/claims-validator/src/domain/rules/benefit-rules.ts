import { topics } from '@vigil/contracts';
import { leftOf, maximumKey } from '../accumulators.ts';
import { networkTermsOf, type ClaimCase, type LineCase } from '../claim-case.ts';
import { judgeDiagnoses } from './code-rules.ts';
import type { Evidence } from '../evidence.ts';
import { lineRule, type Finding, type Rule } from './rule.ts';

/** The plan's benefit as evidence. */
export const benefitEvidence = ({ terms, benefit }: LineCase): Evidence => terms.evidenceOf(benefit);

const findNoBenefit = (line: LineCase): Finding | null =>
  line.benefit === undefined ? { detail: '', evidence: benefitEvidence(line) } : null;
const findNotCovered = (line: LineCase): Finding | null =>
  line.benefit?.covered === false ? { detail: '', evidence: benefitEvidence(line) } : null;

const findOutOfNetwork = (line: LineCase, at: ClaimCase): Finding | null =>
  at.network === 'out' && networkTermsOf(at, line.terms).schedule === ''
    ? { detail: 'no schedule out of network', evidence: benefitEvidence(line) }
    : null;

/** A visit is a day on which a claim uses a benefit, however many lines it has. */
export const isFurtherVisit = (line: LineCase, at: ClaimCase): boolean => {
  for (const other of at.lines) {
    if (other === line) break;
    if (!other.denied && other.day === line.day && other.benefit === line.benefit) return false;
  }
  return true;
};

function findVisitsUsed(line: LineCase, at: ClaimCase): Finding | null {
  const most = line.benefit?.maxVisits ?? null;
  if (most === null || leftOf(most, maximumKey('visits', line, at), at) !== 0 || !isFurtherVisit(line, at)) return null;
  return { detail: `${most} visits`, evidence: benefitEvidence(line), rarc: ['N640'] };
}

function findMoneyUsed(pot: 'money' | 'lifetime', line: LineCase, at: ClaimCase): Finding | null {
  const most = (pot === 'money' ? line.benefit?.maxCents : line.benefit?.lifetimeMaxCents) ?? null;
  if (most === null || leftOf(most, maximumKey(pot, line, at), at) !== 0) return null;
  return { detail: `${most} cents`, evidence: benefitEvidence(line) };
}

const hasPrior = (line: LineCase, at: ClaimCase): boolean => at.claim.priorPayers.length > 0 || line.line.priorPaidCents !== null;

/** Another payer comes first, by the member's record or by the claim's own word, and has not been heard. */
function findOtherPrimary(line: LineCase, at: ClaimCase): Finding | null {
  if (hasPrior(line, at)) return null;
  if (at.claim.coverageType !== 'primary') return { detail: 'claimed as a later payer', rarc: ['MA04'] };
  const { day } = line;
  for (const { from, to, primary } of at.member.otherPayers) {
    if (primary && from <= day && (to === null || day <= to)) {
      return {
        detail: '',
        rarc: ['MA04'],
        evidence: { table: topics.memberChanged.name, row: '', version: at.member.version },
      };
    }
  }
  return null;
}

const plan = 'the plan’s benefits';
const maximum = ['maximum.counts', 'maximum.network'];

/** Step 15: whether the plan covers the service at all. */
export const coverageRules: readonly Rule[] = [
  lineRule(
    {
      code: 'NO_BENEFIT',
      name: 'The plan has no benefit for the service',
      step: 15,
      group: 'PR',
      carc: '204',
      source: `${plan}; CARC 204`,
    },
    findNoBenefit,
  ),
  lineRule(
    {
      code: 'NOT_COVERED',
      name: 'The plan excludes the service',
      step: 15,
      group: 'PR',
      carc: '96',
      rarc: ['N130'],
      source: `${plan}; CARC 96`,
    },
    findNotCovered,
  ),
  lineRule(
    {
      code: 'OUT_OF_NETWORK',
      name: 'The provider is out of network, and the plan has no schedule for that',
      step: 15,
      group: 'PR',
      carc: '242',
      source: `${plan}; CARC 242`,
    },
    findOutOfNetwork,
  ),
  lineRule(
    {
      code: 'NOT_NECESSARY',
      name: 'No diagnosis of the line makes the service necessary',
      step: 15,
      group: 'CO',
      carc: '50',
      source: 'edit table necessity; CARC 50',
    },
    (line, at) => judgeDiagnoses('necessity', line, at),
  ),
];

/** Steps 16 and 17: judged line by line, because each line uses up what the next one has left. */
export const limitRules: readonly Rule[] = [
  lineRule(
    {
      code: 'VISITS_USED',
      name: 'The visits of the plan year are used up',
      step: 16,
      group: 'PR',
      carc: '119',
      settings: ['maximum.network'],
      source: `${plan}; CARC 119`,
    },
    findVisitsUsed,
  ),
  lineRule(
    {
      code: 'MONEY_USED',
      name: 'The money maximum of the plan year is used up; a line that reaches it is cut to what is left',
      step: 16,
      group: 'PR',
      carc: '119',
      rarc: ['N587'],
      settings: maximum,
      source: `${plan}; CARC 119`,
    },
    (line, at) => findMoneyUsed('money', line, at),
  ),
  lineRule(
    {
      code: 'LIFETIME_USED',
      name: 'The lifetime maximum is used up; a line that reaches it is cut to what is left',
      step: 16,
      group: 'PR',
      carc: '35',
      rarc: ['N587'],
      settings: maximum,
      source: `${plan}; CARC 35`,
    },
    (line, at) => findMoneyUsed('lifetime', line, at),
  ),
  lineRule(
    {
      code: 'OTHER_PRIMARY',
      name: 'Another payer comes before this one and has not decided',
      step: 17,
      group: 'CO',
      carc: '22',
      rarc: ['MA04'],
      source: 'NAIC Coordination of Benefits Model Regulation; CARC 22',
    },
    findOtherPrimary,
  ),
];
