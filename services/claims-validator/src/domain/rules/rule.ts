import type { SubStage } from '../adjudication.ts';
import type { ClaimCase, LineCase } from '../claim-case.ts';
import type { Evidence } from '../evidence.ts';

/** CO contractual, PR patient, OA other, PI payer initiated. */
export type AdjustmentGroup = 'CO' | 'PR' | 'OA' | 'PI';

/** What a rule says of itself; `docs/reference/claim-rules.md` is generated from it. */
export interface RuleText {
  readonly code: string;
  readonly name: string;
  /** Step of the adjudication order, 1 to 19; 0 = the workflow's own rules, which come before. */
  readonly step: number;
  readonly subStage: SubStage;
  readonly group: AdjustmentGroup | '';
  /** Claim adjustment reason code; empty = a person looks. */
  readonly carc: string;
  readonly rarc: readonly string[];
  /** Where the rule is from. */
  readonly source: string;
  /** Keys of the plan settings that change it. */
  readonly settings: readonly string[];
  /** `lasting`: a release in review does not lift it, what is missing has to come. */
  readonly lasting: boolean;
}

/** What a rule found; all that it does not say is as the rule says. */
export interface Finding {
  /** In numbers and codes of the reference data: no dates, no identity, nothing that only the sender wrote. */
  readonly detail: string;
  readonly evidence?: Evidence | undefined;
  /** The line that a rule about the whole claim stumbled over. */
  readonly line?: number;
  /** For a person: what is missing or contradicts. */
  readonly field?: string;
  readonly rarc?: readonly string[];
  /** How it denies where the plan says so of a rule that else asks a person. */
  readonly instead?: { readonly group: AdjustmentGroup; readonly carc: string };
}

/** Looks at the claim as a whole: what it finds concerns every line. */
export interface ClaimRule extends RuleText {
  readonly of: 'claim';
  /** One finding for each line that it stumbled over, or one for the claim. */
  readonly find: (at: ClaimCase) => readonly Finding[];
}

/** Looks at one line that no rule before it denied. */
export interface LineRule extends RuleText {
  readonly of: 'line';
  readonly find: (line: LineCase, at: ClaimCase) => Finding | null;
}

/** Is no question but an amount: prices and shares are worked out when no rule denied the line. */
export interface AmountRule extends RuleText {
  readonly of: 'amount';
}

/** Is decided outside the list: by what is known of other submissions, or by a person. */
export interface StandingRule extends RuleText {
  readonly of: 'standing';
}

export type Rule = ClaimRule | LineRule | AmountRule | StandingRule;

type Given = Pick<RuleText, 'code' | 'name' | 'step' | 'source'> & Partial<RuleText>;

function subStageOf(step: number): SubStage {
  if (step <= 2) return 'validate';
  if (step <= 6) return 'enrich';
  return step <= 17 ? 'coverage' : 'adjudicate';
}

const textOf = (given: Given): RuleText => ({
  subStage: subStageOf(given.step),
  group: '',
  carc: '',
  rarc: [],
  settings: [],
  lasting: false,
  ...given,
});

export const noFindings: readonly Finding[] = Object.freeze([]);

/** A rule that lists every line, or every told problem, that it is about. */
export const listingRule = (given: Given, find: ClaimRule['find']): ClaimRule => ({ ...textOf(given), of: 'claim', find });

/** A rule that has one question about the claim. */
export const claimRule = (given: Given, find: (at: ClaimCase) => Finding | null): ClaimRule =>
  listingRule(given, (at) => {
    const finding = find(at);
    return finding === null ? noFindings : [finding];
  });
export const lineRule = (given: Given, find: LineRule['find']): LineRule => ({ ...textOf(given), of: 'line', find });
export const amountRule = (given: Given): AmountRule => ({ ...textOf(given), of: 'amount' });
export const standingRule = (given: Given): StandingRule => ({ ...textOf(given), of: 'standing' });

/** A finding that says nothing but that it was found. */
export const found: Finding = Object.freeze({ detail: '' });
