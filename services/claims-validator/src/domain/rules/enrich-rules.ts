import { topics } from '@vigil/contracts';
import { noPlan } from '../plan-terms.ts';
import { coverageOn, type ClaimCase, type LineCase } from '../claim-case.ts';
import { claimRule, found, lineRule, type Finding, type Rule } from './rule.ts';

const member = topics.memberChanged.name;
const plan = topics.planChanged.name;

/** Members are known by tokens, which are no text of a decision: the row is told by its version alone. */
const memberEvidence = (at: ClaimCase) => ({ table: member, row: '', version: at.member.version });

function findNameMismatch(at: ClaimCase): Finding | null {
  const known = at.member.nameToken;
  const told = at.claim.nameToken;
  return known === null || told === null || known === told ? null : { detail: '', field: 'patient name', evidence: memberEvidence(at) };
}

/** Whether a day lies before the first day of any coverage. */
function isBeforeCoverage(line: LineCase, at: ClaimCase): boolean {
  const { coverage } = at.member;
  return coverage.length > 0 && coverage.every(({ from }) => line.day < from);
}

function findBeforeCoverage(line: LineCase, at: ClaimCase): Finding | null {
  return isBeforeCoverage(line, at) ? { detail: '', evidence: memberEvidence(at) } : null;
}

/** After the end of the last period, in a gap between two, or without any: coverage that there was has ended. */
function findAfterCoverage(line: LineCase, at: ClaimCase): Finding | null {
  return coverageOn(at.member, line.day) !== undefined ? null : { detail: '', evidence: memberEvidence(at) };
}

function findOtherPlan(line: LineCase, at: ClaimCase): Finding | null {
  if (line.day === at.day) return null;
  const period = coverageOn(at.member, line.day);
  return period === undefined || period.planId === at.planId ? null : { detail: '', evidence: memberEvidence(at) };
}

/** Told once for the claim, whichever line it was. */
const findUnknownPlan = (line: LineCase): Finding | null => (line.terms === noPlan ? { detail: '', field: 'plan', line: 0 } : null);

function findWrongPayer(at: ClaimCase): Finding | null {
  const told = at.claim.payerId;
  const { planId, payerId, payerAliases, version } = at.terms.plan;
  if (told === '' || payerId === '' || payerId === told || payerAliases.includes(told)) return null;
  return { detail: `plan ${planId} is of ${payerId}`, field: 'payer', evidence: { table: plan, row: planId, version } };
}

function findBeforeBirth(line: LineCase, at: ClaimCase): Finding | null {
  const birth = at.member.birthDate;
  return birth !== null && line.day < birth ? { detail: '', evidence: memberEvidence(at) } : null;
}

function findAfterDeath(line: LineCase, at: ClaimCase): Finding | null {
  const death = at.member.deathDate;
  return death !== null && line.day > death ? { detail: '', evidence: memberEvidence(at) } : null;
}

/** The day of receipt as far as it can be true: a claim cannot have been received after it was decided. */
export const receivedOn = (at: ClaimCase): number => Math.min(at.claim.receivedOn, at.world.today);

const findFuture = (line: LineCase, at: ClaimCase): Finding | null => (line.day > receivedOn(at) ? found : null);

const patientPays = 'the member had no coverage, so no contract binds the provider';

/** Steps 3 to 6: whether member, coverage, plan and payer are what the claim takes them for. */
export const enrichRules: readonly Rule[] = [
  claimRule(
    { code: 'MEMBER_UNKNOWN', name: 'The policy has no such member', step: 3, group: 'PR', carc: '31', source: `CARC 31; ${patientPays}` },
    (at) => (at.world.member === undefined ? { detail: '', field: 'patient_id' } : null),
  ),
  claimRule(
    { code: 'NAME_MISMATCH', name: 'The patient’s name is not the member’s', step: 3, group: 'CO', carc: '140', source: 'CARC 140' },
    findNameMismatch,
  ),
  lineRule(
    {
      code: 'BEFORE_COVERAGE',
      name: 'The service was before the coverage began',
      step: 4,
      group: 'PR',
      carc: '26',
      source: `CARC 26; ${patientPays}`,
    },
    findBeforeCoverage,
  ),
  lineRule(
    {
      code: 'AFTER_COVERAGE',
      name: 'The service was after the coverage ended, or in a gap',
      step: 4,
      group: 'PR',
      carc: '27',
      source: `CARC 27; ${patientPays}`,
    },
    findAfterCoverage,
  ),
  lineRule(
    {
      code: 'SPANS_PLANS',
      name: 'The line’s day belongs to another plan than the claim’s',
      step: 4,
      group: 'CO',
      carc: '16',
      rarc: ['N61'],
      source: 'CMS IOM 100-04 ch. 1: services that span an entitlement are split',
    },
    findOtherPlan,
  ),
  lineRule(
    {
      code: 'PLAN_UNKNOWN',
      name: 'The reference data has no version of the member’s plan for the day',
      step: 4,
      lasting: true,
      source: 'our data is at fault, not the claim',
    },
    findUnknownPlan,
  ),
  claimRule(
    {
      code: 'WRONG_PAYER',
      name: 'The claim names a payer that the plan is not of',
      step: 5,
      group: 'OA',
      carc: '109',
      source: 'CARC 109; CMS IOM 100-04 ch. 1 § 10',
    },
    findWrongPayer,
  ),
  lineRule(
    { code: 'BEFORE_BIRTH', name: 'The service was before the member’s birth', step: 6, group: 'CO', carc: '14', source: 'CARC 14' },
    findBeforeBirth,
  ),
  lineRule(
    {
      code: 'AFTER_DEATH',
      name: 'The service was after the day of the member’s death',
      step: 6,
      group: 'CO',
      carc: '13',
      source: 'CARC 13',
    },
    findAfterDeath,
  ),
  lineRule(
    {
      code: 'FUTURE_SERVICE',
      name: 'The service was after the claim was received',
      step: 6,
      group: 'CO',
      carc: '110',
      source: 'CARC 110: the billing date predates the service',
    },
    findFuture,
  ),
];
