import { expect, test } from '@jest/globals';
import { reviewLine, reviewText, showReview } from './review-text.ts';
import { needsSecondPerson, rulingOf, stateOf, type Review } from './review.ts';
import { secondPersonCentsOf } from './second-person.ts';

const aReview = (change: Partial<Review> = {}): Review => ({
  reviewId: 'r1',
  submissionId: 's1',
  recordKey: 't1.policy',
  policyToken: 't1.policy',
  claimId: 'CLM_1',
  reasons: [
    { code: 'AMOUNT_RANGE', field: 'total_amount', line: 0 },
    { code: 'BAD_UNITS', field: 'units', line: 2 },
    { code: 'TAMPERING', field: '', line: 0 },
  ],
  chargeCents: 500_001,
  secondPersonCents: null,
  requestedAtMs: Date.UTC(2024, 2, 15),
  closed: null,
  proposal: null,
  ...change,
});

test('above the plan’s limit two people decide, at it one; where the plan is silent the default counts', () => {
  expect(needsSecondPerson(aReview(), 500_000)).toBe(true);
  expect(needsSecondPerson(aReview({ chargeCents: 500_000 }), 500_000)).toBe(false);
  expect(needsSecondPerson(aReview({ secondPersonCents: 500_001 }), 0)).toBe(false);
  expect(needsSecondPerson(aReview({ chargeCents: 1, secondPersonCents: 0 }), 500_000)).toBe(true);
  const sentBack = [{ code: 'SECOND_PERSON_NEEDED', field: 'total_amount', line: 0 }];
  expect(needsSecondPerson(aReview({ chargeCents: 1, reasons: sentBack }), 500_000)).toBe(true);
});

test('the default is 10,000.00, or what the environment says in whole cents', () => {
  expect(secondPersonCentsOf({})).toBe(1_000_000);
  expect(secondPersonCentsOf({ VIGIL_REVIEW_SECOND_PERSON_CENTS: '0' })).toBe(0);
  expect(() => secondPersonCentsOf({ VIGIL_REVIEW_SECOND_PERSON_CENTS: '5.00' })).toThrow(
    /VIGIL_REVIEW_SECOND_PERSON_CENTS is not a whole number/,
  );
});

test('a denial has a group and a reason code, a release has none', () => {
  expect(rulingOf('release', { reason: 'ok' })).toEqual({ decision: 'release', group: '', carc: '', rarc: [], reason: 'ok' });
  expect(rulingOf('deny', { reason: 'no', group: 'CO', carc: '16', rarc: 'M54,N115' })).toEqual({
    decision: 'deny',
    group: 'CO',
    carc: '16',
    rarc: ['M54', 'N115'],
    reason: 'no',
  });
});

test.each<[string, string, Partial<Parameters<typeof rulingOf>[1]>, RegExp]>([
  ['another word', 'maybe', {}, /release or deny/],
  ['a release with a code', 'release', { carc: '16' }, /go with deny/],
  ['a denial without a group', 'deny', { carc: '16' }, /--group/],
  ['a group that is none', 'deny', { group: 'XX', carc: '16' }, /CO, PR, OA, PI/],
  ['a denial without a reason code', 'deny', { group: 'CO' }, /--carc/],
  ['a reason code that is none', 'deny', { group: 'CO', carc: 'sixteen' }, /--carc/],
  ['a remark code that is none', 'deny', { group: 'CO', carc: '16', rarc: 'M54,,' }, /--rarc/],
])('%s is refused', (_what, decision, flags, message) => {
  expect(() => rulingOf(decision, { reason: 'x', ...flags })).toThrow(message);
});

const proposal = {
  state: 'proposed',
  decision: 'deny',
  group: 'CO',
  carc: '16',
  rarc: ['M54'],
  reason: 'sum',
  needsSecond: true,
  proposedBy: 'alice',
  confirmedBy: null,
  decidedAtMs: null,
} as const;

test('a review is open, proposed, decided or published', () => {
  expect(stateOf(aReview())).toBe('open');
  expect(stateOf(aReview({ proposal }))).toBe('proposed');
  expect(stateOf(aReview({ proposal: { ...proposal, state: 'decided' } }))).toBe('decided');
  expect(stateOf(aReview({ closed: 'decided' }))).toBe('published');
  expect(stateOf(aReview({ closed: 'withdrawn', proposal }))).toBe('withdrawn');
});

test('a review is told with its reasons, the claim’s identifier masked unless it is to be shown', () => {
  const shown = showReview(
    aReview({ proposal: { ...proposal, confirmedBy: 'bob', state: 'decided', decidedAtMs: Date.UTC(2024, 2, 16) } }),
    {
      defaultCents: 0,
      claim: 'masked',
    },
  );

  expect(shown).toMatchObject({ state: 'decided', claimId: '***', decidedAt: '2024-03-16T00:00:00.000Z', needsSecondPerson: true });
  expect(reviewLine(shown)).toBe('r1  decided       5000.01  two people  AMOUNT_RANGE total_amount, BAD_UNITS units (line 2), TAMPERING');
  expect(reviewText(shown)).toBe(`r1  decided       5000.01  two people
  claim ***, since 2024-03-15T00:00:00.000Z
  AMOUNT_RANGE total_amount
  BAD_UNITS units (line 2)
  TAMPERING
  deny CO-16 M54 by alice, confirmed by bob: "sum"`);
  const open = showReview(aReview({ chargeCents: 100 }), { defaultCents: 500_000, claim: 'shown' });
  expect(reviewText(open)).toContain('claim CLM_1');
  expect(reviewLine({ ...open, reasons: [] })).toBe('r1  open             1.00  ');
  const released = showReview(aReview({ proposal: { ...proposal, decision: 'release', rarc: [] } }), { defaultCents: 0, claim: 'masked' });
  expect(reviewText(released)).toContain('release by alice: "sum"');
});
