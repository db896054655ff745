import type { SubStage } from '../adjudication.ts';
import { coverageRules, limitRules } from './benefit-rules.ts';
import { codeRules } from './code-rules.ts';
import { codingRules } from './coding-rules.ts';
import { enrichRules } from './enrich-rules.ts';
import { historyRules } from './history-rules.ts';
import { amountRules, priceRules } from './price-rules.ts';
import { providerRules } from './provider-rules.ts';
import type { ClaimRule, LineRule, Rule } from './rule.ts';
import { standingRules } from './standing-rules.ts';
import { validateRules } from './validate-rules.ts';

/** Every rule in the order of the 19 steps: the first that denies a line is the reason it is denied for. */
export const claimRules: readonly Rule[] = [
  ...standingRules,
  ...validateRules,
  ...enrichRules,
  ...historyRules,
  ...codeRules,
  ...providerRules,
  ...codingRules,
  ...coverageRules,
  ...limitRules,
  ...priceRules,
  ...amountRules,
];

type JudgingRule = ClaimRule | LineRule;

/** Rules that are asked of all lines, one rule after the other, before the next phase begins. */
export interface Phase {
  readonly subStage: SubStage;
  readonly rules: readonly JudgingRule[];
}

const judging = claimRules.filter((rule): rule is JudgingRule => rule.of === 'claim' || rule.of === 'line');
const phase = (subStage: SubStage, holds: (rule: JudgingRule) => boolean): Phase => ({ subStage, rules: judging.filter(holds) });

/** The workflow's own rules come first: what they find goes to a person whatever else is wrong. */
export const workflowPhase = phase('validate', ({ step }) => step === 0);
export const validatePhase = phase('validate', ({ step }) => step === 1 || step === 2);
/** All that is asked of a void beyond the workflow's own rules. */
export const voidPhase = phase('validate', ({ code }) => code === 'ORIGINAL_CLAIM_MISSING');
export const enrichPhase = phase('enrich', ({ step }) => step >= 3 && step <= 6);
export const coveragePhase = phase('coverage', ({ step }) => step >= 7 && step <= 15);

/** Rules that are asked of one line after the other, each with its amounts: what a line uses up is not there for the next. */
export const moneyRules: readonly LineRule[] = judging.filter((rule): rule is LineRule => rule.of === 'line' && rule.step > 15);
