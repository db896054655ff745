import { standingRule, type Rule } from './rule.ts';

const frequency = 'X12 CLM05-3, frequency codes 7 and 8';

/** What is decided by other submissions of the claim, before a rule looks at it, and by people. */
export const standingRules: readonly Rule[] = [
  standingRule({
    code: 'CONFLICTING_CLAIM',
    name: 'The same claim id came before with other content and is no replacement or void: suspected tampering; released, it takes the place of what stands now, and a replacement or void with a third claim’s id stands beside that one',
    step: 0,
    source: 'nothing is overwritten without a person',
  }),
  standingRule({
    code: 'ORIGINAL_UNKNOWN',
    name: 'A replacement or void speaks of a claim that is not known; released, a replacement is adjudicated as an original and a void takes nothing back',
    step: 0,
    source: frequency,
  }),
  standingRule({
    code: 'ORIGINAL_REVERSED',
    name: 'A replacement or void speaks of a claim that was voided already; of one that was replaced it means what stands in its place',
    step: 0,
    source: frequency,
  }),
  standingRule({
    code: 'ORIGINAL_MISMATCH',
    name: 'A replacement or void is by another billing provider, or of another member, than the claim that it speaks of',
    step: 0,
    source: frequency,
  }),
  standingRule({
    code: 'SECOND_PERSON_NEEDED',
    name: 'One person decided in review about a claim above the limit for two',
    step: 0,
    lasting: true,
    settings: ['review.second-person-cents'],
    source: 'two people above an amount',
  }),
  standingRule({
    code: 'REVIEW_DENIED',
    name: 'A person denied the claim, for the reason that they gave',
    step: 0,
    subStage: 'adjudicate',
    source: 'the review queue',
  }),
];
