import { priceOf } from '../price-line.ts';
import { amountRule, lineRule, type Finding, type Rule } from './rule.ts';
import type { ClaimCase, LineCase } from '../claim-case.ts';

const findDrg = (_line: LineCase, at: ClaimCase): Finding | null => (at.claim.drg === '' ? null : { detail: '', field: 'drg', line: 0 });

function findUnpriced(line: LineCase, at: ClaimCase): Finding | null {
  const choice = line.terms.settings.unpriced;
  line.price = priceOf(line, at);
  if (line.price !== undefined || choice === 'charge') return null;
  const detail = { detail: '', field: 'services.procedure_code' };
  return choice === 'deny' ? { ...detail, instead: { group: 'CO', carc: '147' }, rarc: ['N65'] } : detail;
}

/** Step 18, line by line as the limits before it. */
export const priceRules: readonly Rule[] = [
  lineRule(
    {
      code: 'DRG_PRICED',
      name: 'A DRG prices the claim as a whole; released, its lines are priced one by one',
      step: 18,
      source: 'priced by a grouper that is not part of Vigil',
    },
    findDrg,
  ),
  lineRule(
    {
      code: 'UNPRICED',
      name: 'The schedule has no price for a covered code; released, it is allowed as charged',
      step: 18,
      settings: ['unpriced'],
      source: 'the plan’s fee schedule; CARC 147',
    },
    findUnpriced,
  ),
];

/** What is worked out for a line that no rule denied. */
export const amountRules: readonly Rule[] = [
  amountRule({
    code: 'PRIOR_PAYMENT',
    name: 'What payers before paid and wrote off',
    step: 17,
    subStage: 'coverage',
    group: 'OA',
    carc: '23',
    settings: ['cob.method', 'cob.deductible'],
    source: 'X12 005010X221A1 § 1.10.2.13; RFI 2143',
  }),
  amountRule({
    code: 'FEE_SCHEDULE',
    name: 'What the charge is above units × price',
    step: 18,
    group: 'CO',
    carc: '45',
    settings: ['rounding', 'group.45'],
    source: 'the plan’s fee schedule; CARC 45',
  }),
  amountRule({
    code: 'DEDUCTIBLE',
    name: 'What is left of the individual and the family deductible',
    step: 19,
    group: 'PR',
    carc: '1',
    settings: ['deductible.family'],
    source: 'the plan; CARC 1',
  }),
  amountRule({
    code: 'COINSURANCE',
    name: 'The patient’s share of what the deductible leaves',
    step: 19,
    group: 'PR',
    carc: '2',
    settings: ['rounding'],
    source: 'the plan; CARC 2',
  }),
  amountRule({
    code: 'COPAY',
    name: 'A fixed amount a line, no more than is left of it',
    step: 19,
    group: 'PR',
    carc: '3',
    source: 'the plan; CARC 3',
  }),
  amountRule({
    code: 'OUT_OF_POCKET',
    name: 'Cost sharing beyond the individual or family out-of-pocket maximum is paid by the plan: off the copay first, then the coinsurance, then the deductible',
    step: 19,
    source: 'the plan; 45 CFR 156.130',
  }),
];
