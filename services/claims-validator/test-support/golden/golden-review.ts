import { hit, miss, type GoldenClaim } from './golden-claim.ts';
import { paidVisit } from './golden-validate.ts';

const again = 'pended in adjudicate: SECOND_PERSON_NEEDED';
const above = { secondPersonAboveCents: 14_999 };

/** What people decide. */
export const goldenReview: readonly GoldenClaim[] = [
  hit('SECOND_PERSON_NEEDED', 'one person, a cent above the limit', again, { scene: { review: {} }, settings: above }),
  hit('SECOND_PERSON_NEEDED', 'the same person twice', again, { scene: { review: { secondPerson: 'one' } }, settings: above }),
  hit('SECOND_PERSON_NEEDED', 'also to deny, and what was looked at is shown again', `${again}, DRG_PRICED`, {
    scene: { review: { decision: 'deny', carc: '50' }, lookedAt: [{ code: 'DRG_PRICED', field: 'drg', line: 0 }] },
    settings: above,
  }),
  hit('SECOND_PERSON_NEEDED', 'to deny, and what the one person was asked is asked again, once', `${again}, DRG_PRICED`, {
    scene: {
      review: { decision: 'deny', carc: '50' },
      asked: [{ code: 'DRG_PRICED', field: 'drg', line: 0 }],
      lookedAt: [{ code: 'DRG_PRICED', field: 'drg', line: 0 }],
    },
    settings: above,
  }),
  hit('SECOND_PERSON_NEEDED', 'the plan has its own limit', again, {
    scene: { review: {}, plan: { settings: { 'review.second-person-cents': '14999' } } },
  }),
  miss('SECOND_PERSON_NEEDED', 'exactly the limit', paidVisit, { scene: { review: {} }, settings: { secondPersonAboveCents: 15_000 } }),
  miss('SECOND_PERSON_NEEDED', 'two people', paidVisit, { scene: { review: { secondPerson: 'two' } }, settings: above }),
  miss('SECOND_PERSON_NEEDED', 'a limit that is no number is none of the plan’s', paidVisit, {
    scene: { review: {}, plan: { settings: { 'review.second-person-cents': 'much' } } },
  }),
  hit('REVIEW_DENIED', 'for the reason given', 'denied in adjudicate: 150.00 = denied PR-96 (N130)', {
    scene: { review: { decision: 'deny', group: 'PR', carc: '96', rarc: ['N130'] } },
  }),
  hit('REVIEW_DENIED', 'without a reason of the code set', 'denied in adjudicate: 150.00 = denied CO-A1', {
    scene: { review: { decision: 'deny' } },
  }),
  miss('REVIEW_DENIED', 'released', paidVisit, { scene: { review: {} } }),
];
