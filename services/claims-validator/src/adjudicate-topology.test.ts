import { expect, test } from '@jest/globals';
import { topics } from '@vigil/contracts';
import { aClaim, aLine, aMember, aPlan, aPrice, memberToken, policyToken } from '../test-support/adjudicate-records.ts';
import { day } from '../test-support/records.ts';
import { claimsOf, openAdjudication, rigWithMember, sumOf } from '../test-support/adjudicate-rig.ts';

const march = (date: number) => {
  const on = day('2024-03-01') + date - 1;
  return { serviceFrom: on, serviceTo: on };
};
const potsWith = (deductible: number, outOfPocket: number) =>
  Object.fromEntries(
    [memberToken, policyToken].flatMap((owner) => [
      [`${owner} P in deductible 2024`, deductible],
      [`${owner} P in out-of-pocket 2024`, outOfPocket],
    ]),
  );
/** 80.00 are charged: 50.00 deductible, 20 % of the other 30.00 = 6.00, so 24.00 are paid. */
const cheaper = [aLine({ chargeCents: 8_000 })];
/** Beyond the workflow's 50,000.00. */
const huge = [aLine({ chargeCents: 6_000_000 })];

test('what one claim used up of the deductible the next does not pay again', async () => {
  const rig = await rigWithMember();
  await rig.submit(aClaim(), aClaim({ claimId: 'C2', ...march(2) }));

  // 120.00 charged, 100.00 allowed: 50.00 deductible and 20 % of the other 50.00; then 20 % of 100.00.
  expect(rig.told()).toEqual(['s-C1 decision paid 4000/6000', 's-C2 decision paid 8000/2000']);
  expect(rig.pots()).toEqual(potsWith(5_000, 8_000));
});

test('a decision tells whose it is, when and from what', async () => {
  const rig = await rigWithMember();
  await rig.submit(aClaim());

  expect(rig.driver.records(topics.claimAdjudicated)).toMatchObject([
    {
      key: policyToken,
      value: {
        submissionId: 's-C1',
        policyToken,
        memberToken,
        claimId: 'C1',
        number: 1,
        reverses: null,
        payerId: 'PAYER',
        planId: 'P',
        planYear: 2024,
        network: 'in',
        providerType: 'physician',
        receivedAt: Date.UTC(2024, 2, 10),
        decidedAt: Date.UTC(2024, 2, 15, 10),
        reviewId: null,
        referenceVersions: {
          'reference.fee-schedule.changed.v1': 1,
          'reference.plan.changed.v1': 1,
        },
      },
    },
  ]);
});

test('a replacement takes the original back in negative amounts and is decided as if it had never been', async () => {
  const rig = await rigWithMember();
  await rig.submit(aClaim(), aClaim({ claimId: 'C2', frequency: 'replacement', originalClaimId: 'C1', lines: cheaper }));

  expect(rig.told()).toEqual(['s-C1 decision paid 4000/6000', 's-C2 reversal reversed -4000/-6000', 's-C2 decision paid 2400/5600']);
  const [original, reversal] = rig.decisions();
  expect(reversal).toMatchObject({ reverses: original?.decisionId, claimId: 'C1', frequency: 'replacement', chargeCents: -12_000 });
  expect(reversal?.lines[0]?.adjustments).toEqual([
    { group: 'CO', carc: '45', cents: -2_000 },
    { group: 'PR', carc: '1', cents: -5_000 },
    { group: 'PR', carc: '2', cents: -1_000 },
  ]);
  expect(rig.pots()).toEqual(potsWith(5_000, 5_600));
});

test('a void takes back and pays nothing; the same claim after it gives the same result', async () => {
  const rig = await rigWithMember();
  await rig.submit(aClaim(), aClaim({ claimId: 'C2', frequency: 'void', originalClaimId: 'C1' }));
  expect(rig.told()).toEqual(['s-C1 decision paid 4000/6000', 's-C2 reversal reversed -4000/-6000']);
  expect(rig.pots()).toEqual({});

  await rig.submit(aClaim({ claimId: 'C3' }));
  expect(rig.told().at(-1)).toBe('s-C3 decision paid 4000/6000');
  expect(rig.pots()).toEqual(potsWith(5_000, 6_000));
});

test('a correction may carry the id of what it corrects, again and again', async () => {
  const rig = await rigWithMember();
  await rig.submit(aClaim(), aClaim({ submissionId: 's-2', frequency: 'replacement', lines: cheaper }));
  await rig.submit(aClaim({ submissionId: 's-3', frequency: 'replacement' }), aClaim({ submissionId: 's-4', frequency: 'void' }));

  expect(rig.told()).toEqual([
    's-C1 decision paid 4000/6000',
    's-2 reversal reversed -4000/-6000',
    's-2 decision paid 2400/5600',
    's-3 reversal reversed -2400/-5600',
    's-3 decision paid 4000/6000',
    's-4 reversal reversed -4000/-6000',
  ]);
  expect(rig.pots()).toEqual({});
});

test('whoever corrects what is not known waits for a person', async () => {
  const rig = await rigWithMember();
  await rig.submit(
    aClaim({ claimId: 'C2', frequency: 'void', originalClaimId: 'C1' }),
    aClaim({ claimId: 'C3', frequency: 'replacement', originalClaimId: 'C0' }),
  );
  expect(rig.told()).toEqual(['s-C2 decision pended 0/0', 's-C3 decision pended 0/0']);
  expect(rig.reviews()).toMatchObject([
    { submissionId: 's-C2', chargeCents: 12_000, reasons: [{ code: 'ORIGINAL_UNKNOWN', field: 'original_claim_id' }] },
    { submissionId: 's-C3', reasons: [{ code: 'ORIGINAL_UNKNOWN' }] },
  ]);

  await rig.decide('s-C2');
  await rig.decide('s-C3');
  expect(rig.told().slice(2)).toEqual(['s-C2 reversal reversed 0/0', 's-C3 decision paid 4000/6000']);
  expect(rig.decisions().at(-1)).toMatchObject({ number: 2, reviewId: rig.reviews()[1]?.reviewId });
});

test('a correction that came before its original finds it when a person releases it', async () => {
  const rig = await rigWithMember();
  await rig.submit(aClaim({ claimId: 'C2', frequency: 'replacement', originalClaimId: 'C1', lines: cheaper }), aClaim());
  await rig.decide('s-C2');

  expect(rig.told()).toEqual([
    's-C2 decision pended 0/0',
    's-C1 decision paid 4000/6000',
    's-C2 reversal reversed -4000/-6000',
    's-C2 decision paid 2400/5600',
  ]);
});

test('what was taken back cannot be taken back again without a person', async () => {
  const rig = await rigWithMember();
  await rig.submit(aClaim(), aClaim({ claimId: 'C2', frequency: 'void', originalClaimId: 'C1' }));
  await rig.submit(aClaim({ claimId: 'C3', frequency: 'void', originalClaimId: 'C1' }));
  await rig.submit(aClaim({ claimId: 'C4', frequency: 'replacement', originalClaimId: 'C2' }));

  expect(rig.reviews().map(({ submissionId, reasons }) => [submissionId, reasons[0]?.code])).toEqual([
    ['s-C3', 'ORIGINAL_REVERSED'],
    ['s-C4', 'ORIGINAL_REVERSED'],
  ]);
  await rig.decide('s-C3');
  expect(rig.told().at(-1)).toBe('s-C3 reversal reversed 0/0');
});

test('an original of another policy is not known, whatever partition it lies in', async () => {
  const rig = await rigWithMember();
  await rig.submit(aClaim(), aClaim({ claimId: 'C2', frequency: 'void', originalClaimId: 'C1', policyToken: 't1.other' }));

  expect(rig.reviews()[0]?.reasons[0]?.code).toBe('ORIGINAL_UNKNOWN');
});

test('a claim that waits is taken out of the queue by its correction', async () => {
  const rig = await rigWithMember();
  await rig.submit(aClaim({ lines: huge }));
  await rig.submit(aClaim({ claimId: 'C2', frequency: 'replacement', originalClaimId: 'C1' }));

  expect(rig.told()).toEqual(['s-C1 decision pended 0/0', 's-C2 reversal reversed 0/0', 's-C2 decision paid 4000/6000']);
  const [asked, withdrawn] = rig.reviews();
  expect(asked).toMatchObject({ withdrawnBy: null, reasons: [{ code: 'AMOUNT_RANGE' }] });
  expect(withdrawn).toMatchObject({ reviewId: asked?.reviewId, submissionId: 's-C1', withdrawnBy: 's-C2' });
  await rig.decide('s-C1');
  expect(rig.told()).toHaveLength(3);
  expect(sumOf(rig.driver.ledger(), topics.reviewDecided.name, 'suppressed')).toBe(1);
});

test('a void of a claim that waits pays nothing back and closes its review', async () => {
  const rig = await rigWithMember();
  await rig.submit(aClaim({ lines: huge }), aClaim({ submissionId: 's-void', frequency: 'void' }));

  expect(rig.told()).toEqual(['s-C1 decision pended 0/0', 's-void reversal reversed 0/0']);
  expect(rig.reviews().map(({ withdrawnBy }) => withdrawnBy)).toEqual([null, 's-void']);
});

test('a correction that itself waits leaves the original standing until a person released it', async () => {
  const rig = await rigWithMember();
  await rig.submit(aClaim(), aClaim({ submissionId: 's-2', frequency: 'replacement', lines: huge }));
  expect(rig.told()).toEqual(['s-C1 decision paid 4000/6000', 's-2 decision pended 0/0']);
  expect(rig.pots()).toEqual(potsWith(5_000, 6_000));

  await rig.decide('s-2', { secondPerson: 'another' });
  // Allowed are the 100.00 of the fee schedule, as before.
  expect(rig.told().slice(2)).toEqual(['s-2 reversal reversed -4000/-6000', 's-2 decision paid 4000/6000']);
  expect(rig.pots()).toEqual(potsWith(5_000, 6_000));
});

test('a correction that a person denies changes nothing of the original, which can still be corrected', async () => {
  const rig = await rigWithMember();
  await rig.submit(aClaim(), aClaim({ submissionId: 's-2', frequency: 'replacement', lines: huge }));
  await rig.decide('s-2', { decision: 'deny', group: 'CO', carc: '16', secondPerson: 'another' });
  expect(rig.told().slice(1)).toEqual(['s-2 decision pended 0/0', 's-2 decision denied 0/0']);

  await rig.submit(aClaim({ submissionId: 's-3', frequency: 'void' }));
  expect(rig.told().at(-1)).toBe('s-3 reversal reversed -4000/-6000');
  expect(rig.reviews()).toHaveLength(1);
});

test('a correction of a claim takes with it an earlier correction that still waits', async () => {
  const rig = await rigWithMember();
  await rig.submit(aClaim(), aClaim({ submissionId: 's-2', frequency: 'replacement', lines: huge }));
  await rig.submit(aClaim({ submissionId: 's-3', frequency: 'void' }));

  expect(rig.told()).toEqual([
    's-C1 decision paid 4000/6000',
    's-2 decision pended 0/0',
    's-3 reversal reversed -4000/-6000',
    's-3 reversal reversed 0/0',
  ]);
  const ids = rig.decisions().map(({ decisionId }) => decisionId);
  expect(new Set(ids).size).toBe(4);
  expect(rig.pots()).toEqual({});
});

const conflicting = aClaim({ submissionId: 's-odd', standing: 'conflicting', lines: cheaper });

test('the same id with other content waits as suspected tampering, and nothing is overwritten', async () => {
  const rig = await rigWithMember();
  await rig.submit(aClaim(), conflicting);
  expect(rig.told()).toEqual(['s-C1 decision paid 4000/6000', 's-odd decision pended 0/0']);
  expect(rig.reviews()[0]?.reasons).toEqual([{ code: 'CONFLICTING_CLAIM', field: 'claim_id', line: 0 }]);

  await rig.decide('s-odd', { decision: 'deny', group: 'CO', carc: '16' });
  expect(rig.told().at(-1)).toBe('s-odd decision denied 0/0');
  expect([...claimsOf(rig.driver.broker).values()]).toMatchObject([
    { status: 'decided', waiting: '', decision: { submissionId: 's-C1', paidCents: 4_000 } },
  ]);
});

test('a person who releases it puts it in the place of the first', async () => {
  const rig = await rigWithMember();
  await rig.submit(aClaim(), conflicting);
  await rig.decide('s-odd');

  expect(rig.told().slice(2)).toEqual(['s-odd reversal reversed -4000/-6000', 's-odd decision paid 2400/5600']);
  expect(rig.pots()).toEqual(potsWith(5_000, 5_600));
});

test('an id that is taken is noticed here, too, where nobody noticed before', async () => {
  const rig = await rigWithMember();
  await rig.submit(aClaim(), aClaim({ submissionId: 's-odd', lines: cheaper }));
  expect(rig.reviews()[0]?.reasons[0]?.code).toBe('CONFLICTING_CLAIM');

  await rig.decide('s-odd');
  expect(rig.told().slice(2)).toEqual(['s-odd reversal reversed -4000/-6000', 's-odd decision paid 2400/5600']);
});

test('a conflicting claim that is released while nothing stands under its id stands there itself', async () => {
  const rig = await rigWithMember();
  await rig.submit(conflicting);
  await rig.decide('s-odd');

  expect(rig.told()).toEqual(['s-odd decision pended 0/0', 's-odd decision paid 2400/5600']);
  expect([...claimsOf(rig.driver.broker).values()]).toMatchObject([{ status: 'decided' }]);
});

test('a correction with the id of a third claim waits; released, it stands beside that one', async () => {
  const rig = await rigWithMember();
  await rig.submit(aClaim(), aClaim({ claimId: 'C2', ...march(2) }));
  await rig.submit(aClaim({ submissionId: 's-odd', claimId: 'C2', frequency: 'replacement', originalClaimId: 'C1', lines: cheaper }));
  expect(rig.reviews().map(({ reasons }) => reasons[0]?.code)).toEqual(['CONFLICTING_CLAIM']);

  await rig.decide('s-odd');
  expect(rig.told().slice(2)).toEqual([
    's-odd decision pended 0/0',
    's-odd reversal reversed -4000/-6000',
    's-odd decision paid 2400/5600',
  ]);
  // 20.00 of C2 and 56.00 of the correction.
  expect(rig.pots()).toEqual(potsWith(5_000, 7_600));
  await rig.submit(aClaim({ submissionId: 's-odd', claimId: 'C2', frequency: 'replacement', originalClaimId: 'C1', lines: cheaper }));
  expect(rig.told()).toHaveLength(5);
  await rig.submit(
    aClaim({ claimId: 'C3', frequency: 'void', originalClaimId: 'C1' }),
    aClaim({ claimId: 'C4', frequency: 'void', originalClaimId: 'C2' }),
  );
  expect(rig.told().slice(5)).toEqual(['s-C3 reversal reversed -2400/-5600', 's-C4 reversal reversed -8000/-2000']);
  expect(rig.pots()).toEqual({});
});

test('a correction with the id of a third claim that a person denies changes neither', async () => {
  const rig = await rigWithMember();
  await rig.submit(aClaim(), aClaim({ claimId: 'C2', ...march(2) }));
  await rig.submit(aClaim({ submissionId: 's-odd', claimId: 'C2', frequency: 'replacement', originalClaimId: 'C1', lines: cheaper }));
  await rig.decide('s-odd', { decision: 'deny', group: 'CO', carc: '16' });

  expect(rig.told().at(-1)).toBe('s-odd decision denied 0/0');
  expect(rig.pots()).toEqual(potsWith(5_000, 8_000));
});

test('a correction may take the id of a claim that was taken back', async () => {
  const rig = await rigWithMember();
  await rig.submit(aClaim(), aClaim({ claimId: 'C2', ...march(2) }), aClaim({ submissionId: 's-void', claimId: 'C2', frequency: 'void' }));
  await rig.submit(aClaim({ submissionId: 's-4', claimId: 'C2', frequency: 'replacement', originalClaimId: 'C1', lines: cheaper }));

  expect(rig.told().slice(3)).toEqual(['s-4 reversal reversed -4000/-6000', 's-4 decision paid 2400/5600']);
});

test('of two that wait under one id the first can be released before the second takes its place', async () => {
  const rig = await rigWithMember();
  await rig.submit(
    aClaim({ lines: huge }),
    aClaim({ submissionId: 's-2', frequency: 'replacement', lines: [aLine({ chargeCents: 7_000_000 })] }),
  );
  await rig.decide('s-C1', { secondPerson: 'another' });
  await rig.decide('s-2', { secondPerson: 'another' });

  expect(rig.told()).toEqual([
    's-C1 decision pended 0/0',
    's-2 decision pended 0/0',
    's-C1 decision paid 4000/6000',
    's-2 reversal reversed -4000/-6000',
    's-2 decision paid 4000/6000',
  ]);
});

test('of two that wait under one id the second takes the first out of the queue when it is released', async () => {
  const rig = await rigWithMember();
  await rig.submit(
    aClaim({ lines: huge }),
    aClaim({ submissionId: 's-2', frequency: 'replacement', lines: [aLine({ chargeCents: 7_000_000 })] }),
  );
  await rig.decide('s-2', { secondPerson: 'another' });

  expect(rig.told().slice(2)).toEqual(['s-2 reversal reversed 0/0', 's-2 decision paid 4000/6000']);
  expect(rig.reviews().at(-1)).toMatchObject({ submissionId: 's-C1', withdrawnBy: 's-2' });
});

test('a service that another claim has told is denied as its duplicate', async () => {
  const rig = await rigWithMember();
  await rig.submit(aClaim(), aClaim({ claimId: 'C2' }));

  expect(rig.told()).toEqual(['s-C1 decision paid 4000/6000', 's-C2 decision denied 0/0']);
  expect(rig.decisions()[1]?.lines[0]?.adjustments).toEqual([{ group: 'OA', carc: '18', cents: 12_000 }]);
});

test('a service is no duplicate of one that was taken back', async () => {
  const rig = await rigWithMember();
  await rig.submit(aClaim(), aClaim({ submissionId: 's-void', frequency: 'void' }), aClaim({ claimId: 'C2' }));

  expect(rig.told().at(-1)).toBe('s-C2 decision paid 4000/6000');
});

test('a claim is decided by what is known: a member who comes later helps the replacement', async () => {
  const rig = await openAdjudication();
  await rig.submit(aClaim());
  expect(rig.decisions()[0]?.lines[0]?.adjustments).toEqual([{ group: 'PR', carc: '31', cents: 12_000 }]);

  await rig.enrol(aMember());
  await rig.submit(aClaim({ claimId: 'C2', frequency: 'replacement', originalClaimId: 'C1' }));
  expect(rig.told()).toEqual(['s-C1 decision denied 0/12000', 's-C2 reversal reversed 0/-12000', 's-C2 decision paid 4000/6000']);
});

test('an older version of a member does not take back a newer one', async () => {
  const rig = await openAdjudication();
  const ended = aMember({
    version: 2,
    coverage: [{ from: day('2020-01-01'), to: day('2023-12-31'), planId: 'P', groupNumber: '' }],
  });
  await rig.enrol(ended, aMember(), aMember({ memberToken: 't1.third' }));
  await rig.driver.pipe(topics.memberChanged, { key: 'gone', value: null });
  await rig.submit(aClaim());

  expect(rig.decisions()[0]?.lines[0]?.adjustments).toEqual([{ group: 'PR', carc: '27', cents: 12_000 }]);
  expect(sumOf(rig.driver.ledger(), topics.memberChanged.name, 'suppressed')).toBe(2);
});

test('a review that is decided twice counts once', async () => {
  const rig = await rigWithMember();
  await rig.submit(aClaim({ lines: huge }));
  await rig.decide('s-C1', { secondPerson: 'another' });
  await rig.decide('s-C1', { decision: 'deny', group: 'CO', carc: '16' });

  expect(rig.told()).toEqual(['s-C1 decision pended 0/0', 's-C1 decision paid 4000/6000']);
  expect(rig.driver.quarantined()).toEqual([]);
});

test('a decision about nothing that is known waits in quarantine, and counts when the claim is there', async () => {
  const rig = await rigWithMember();
  const later = await rigWithMember();
  await later.submit(aClaim({ lines: huge }));
  const reviewId = later.reviews()[0]?.reviewId ?? '';
  await rig.decide('s-C1', { reviewId, secondPerson: 'another', policyToken });
  expect(rig.driver.quarantined()).toMatchObject([{ code: 'REVIEW_UNKNOWN' }]);

  await rig.submit(aClaim({ lines: huge }));
  await rig.driver.requeue(topics.reviewDecided);
  expect(rig.told().at(-1)).toBe('s-C1 decision paid 4000/6000');
});

test('a decision that says neither release nor deny, or not why, is no decision', async () => {
  const rig = await rigWithMember();
  await rig.submit(aClaim({ lines: huge }));
  for (const over of [{ decision: 'perhaps' }, { decision: 'deny', carc: '16' }, { decision: 'deny', group: 'CO' }])
    await rig.decide('s-C1', over);

  expect(rig.driver.quarantined().map(({ code }) => code)).toEqual(['BAD_REVIEW', 'BAD_REVIEW', 'BAD_REVIEW']);
});

test('a large claim that one person alone released waits for a second one', async () => {
  const rig = await rigWithMember();
  await rig.submit(aClaim({ lines: huge }));
  await rig.decide('s-C1');
  expect(rig.reviews().map(({ reasons }) => reasons.map(({ code }) => code))).toEqual([
    ['AMOUNT_RANGE'],
    ['SECOND_PERSON_NEEDED', 'AMOUNT_RANGE'],
  ]);
  expect(new Set(rig.reviews().map(({ reviewId }) => reviewId)).size).toBe(2);

  await rig.decide('s-C1', { secondPerson: 'another' });
  expect(rig.decisions().map(({ outcome, number }) => [outcome, number])).toEqual([
    ['pended', 1],
    ['pended', 2],
    ['paid', 3],
  ]);
});

test('a submission that comes again changes nothing', async () => {
  const rig = await rigWithMember();
  await rig.submit(
    aClaim(),
    aClaim(),
    aClaim({ claimId: 'C2', lines: huge }),
    aClaim({ claimId: 'C2', lines: huge }),
    { ...conflicting },
    conflicting,
  );

  expect(rig.told()).toEqual(['s-C1 decision paid 4000/6000', 's-C2 decision pended 0/0', 's-odd decision pended 0/0']);
  expect(sumOf(rig.driver.ledger(), topics.claimSubmitted.name, 'duplicate')).toBe(3);
});

test('a submission that was replaced, withdrawn or denied under its id changes nothing either when it comes again', async () => {
  const rig = await rigWithMember();
  const denied = aClaim({ submissionId: 's-2', standing: 'conflicting', lines: cheaper });
  const withdrawn = aClaim({ submissionId: 's-3', frequency: 'replacement', lines: huge });
  const replacement = aClaim({ submissionId: 's-4', frequency: 'replacement', lines: cheaper });
  await rig.submit(aClaim(), denied);
  await rig.decide('s-2', { decision: 'deny', group: 'CO', carc: '16' });
  await rig.submit(withdrawn, replacement);
  const before = rig.told();
  await rig.submit(aClaim(), denied, withdrawn, replacement);

  expect(rig.told()).toEqual(before);
  expect(sumOf(rig.driver.ledger(), topics.claimSubmitted.name, 'duplicate')).toBe(4);
});

test('a claim without a policy is the business of its patient', async () => {
  const rig = await rigWithMember();
  await rig.submit(aClaim({ policyToken: '', lines: huge }));
  expect(rig.driver.records(topics.reviewRequested).map(({ key }) => key)).toEqual(['t1.patient']);

  await rig.driver.pipe(topics.reviewDecided, {
    key: 't1.patient',
    value: {
      ...(rig.reviews()[0] as object),
      decision: 'deny',
      group: 'CO',
      carc: '16',
      rarc: [],
      person: 'p',
      secondPerson: 'q',
      reason: '',
      decidedAt: 0,
    },
  });
  expect(rig.driver.records(topics.claimAdjudicated).map(({ key, value }) => [key, value.outcome])).toEqual([
    ['t1.patient', 'pended'],
    ['t1.patient', 'denied'],
  ]);
});

test('what was counted for plan years that nobody asks for any more is forgotten', async () => {
  const rig = await rigWithMember();
  await rig.submit(aClaim());
  await rig.driver.pipe(topics.claimSubmitted, {
    key: policyToken,
    timestamp: Date.UTC(2029, 5, 1),
    value: aClaim({
      claimId: 'C2',
      serviceFrom: day('2029-05-01'),
      serviceTo: day('2029-05-01'),
      receivedOn: day('2029-05-10'),
    }),
  });

  expect(Object.keys(rig.pots()).map((name) => name.split(' ').at(-1))).toEqual(['2029', '2029', '2029', '2029']);
});

test('the price of the day of service counts, in the version that was known when it was decided', async () => {
  const rig = await rigWithMember();
  await rig.submit(aClaim());
  await rig.driver.pipe(topics.feeScheduleChanged, {
    key: 'IN|99213||0|2',
    value: aPrice({ version: 2, unitCents: 11_000 }),
    partition: 0,
  });
  await rig.submit(aClaim({ claimId: 'C2', ...march(2) }));
  await rig.driver.pipe(topics.planChanged, {
    key: 'P|3|2',
    value: aPlan({ version: 2, effectiveFrom: day('2024-03-05'), benefits: [{ ...aPlan().benefits[0]!, coinsuranceInBps: 0 }] }),
    partition: 0,
  });
  await rig.submit(aClaim({ claimId: 'C3', ...march(3) }), aClaim({ claimId: 'C4', ...march(6) }));

  expect(
    rig
      .decisions()
      .map(({ allowedCents, patientCents, referenceVersions }) => [
        allowedCents,
        patientCents,
        referenceVersions['reference.fee-schedule.changed.v1'],
      ]),
  ).toEqual([
    [10_000, 6_000, 1],
    [11_000, 2_200, 2],
    [11_000, 2_200, 2],
    [11_000, 0, 2],
  ]);
});

test('the ledger tells for each task of the workflow which claims reached it and which ended there', async () => {
  const rig = await rigWithMember();
  await rig.submit(
    aClaim(),
    aClaim({ claimId: 'C2' }),
    aClaim({ claimId: 'C3', lines: huge }),
    aClaim({ claimId: 'C4', memberToken: 't1.nobody', ...march(4) }),
  );
  await rig.decide('s-C3', { decision: 'deny', group: 'CO', carc: '16', secondPerson: 'another' });

  const rows = rig.driver.ledger().filter(({ topic, subStage }) => topic === topics.claimSubmitted.name && subStage !== '');
  const total = (subStage: string) => {
    const own = rows.filter((row) => row.subStage === subStage);
    const sum = (field: 'consumed' | 'processed' | 'suppressed') => own.reduce((all, row) => all + row[field], 0);
    return [sum('consumed'), sum('processed'), sum('suppressed')];
  };
  // C3 is pended at once; C4 has no member; C2 repeats a service of C1, which is found when it is adjudicated.
  expect(total('validate')).toEqual([4, 3, 1]);
  expect(total('enrich')[0]).toBe(3);
  expect(total('adjudicate')[1]).toBe(1);
  expect(sumOf(rig.driver.ledger(), topics.claimSubmitted.name, 'processed')).toBe(4);
});

test('a process that dies between any two records goes on as if nothing had happened', async () => {
  const steps = [
    [aClaim()],
    [aClaim({ claimId: 'C2', lines: huge })],
    [conflicting],
    [aClaim({ claimId: 'C3', frequency: 'replacement', originalClaimId: 'C1', lines: cheaper })],
    [aClaim({ claimId: 'C4', ...march(4) })],
    [aClaim({ claimId: 'C5', ...march(4) })],
    [aClaim({ claimId: 'C6', frequency: 'void', originalClaimId: 'C2' })],
  ];
  const [steady, shaken] = [await rigWithMember(), await rigWithMember()];
  for (const claims of steps) {
    await steady.submit(...claims);
    await shaken.submit(...claims);
    await shaken.driver.restart();
  }
  for (const rig of [steady, shaken]) await rig.decide('s-odd');

  expect(shaken.decisions()).toEqual(steady.decisions());
  expect(shaken.pots()).toEqual(steady.pots());
  expect([...claimsOf(shaken.driver.broker)]).toEqual([...claimsOf(steady.driver.broker)]);
});
