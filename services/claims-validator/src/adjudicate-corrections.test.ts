import { expect, test } from '@jest/globals';
import { topics, type ClaimSubmitted } from '@vigil/contracts';
import { aClaim, aLine, aMember, aProvider, memberToken, policyToken } from '../test-support/adjudicate-records.ts';
import { day } from '../test-support/records.ts';
import { rigWithMember, type AdjudicateRig } from '../test-support/adjudicate-rig.ts';

/** 80.00 are charged: 50.00 deductible, 20 % of the other 30.00 = 6.00, so 24.00 are paid. */
const cheaper = [aLine({ chargeCents: 8_000 })];
/** 60.00: 50.00 deductible, 20 % of 10.00 = 2.00, so 8.00 are paid. */
const cheapest = [aLine({ chargeCents: 6_000 })];
/** Beyond the workflow's 50,000.00. */
const huge = [aLine({ chargeCents: 6_000_000 })];
const two = { secondPerson: 'another' };
const denied = { decision: 'deny', group: 'CO', carc: '50' } as const;

const replacement = (claimId: string, over: Partial<ClaimSubmitted> = {}) =>
  aClaim({ claimId, frequency: 'replacement', originalClaimId: 'C1', lines: cheaper, ...over });
const voided = (claimId: string, over: Partial<ClaimSubmitted> = {}) =>
  aClaim({ claimId, frequency: 'void', originalClaimId: 'C1', ...over });
const codes = (rig: AdjudicateRig) => rig.reviews().map(({ submissionId, reasons }) => [submissionId, ...reasons.map(({ code }) => code)]);
const deductible = (rig: AdjudicateRig) => rig.pots()[`${memberToken} P in deductible 2024`];

test('a correction may name the decision that a remittance told, under its own or another claim id', async () => {
  const rig = await rigWithMember();
  await rig.submit(aClaim());
  const first = rig.decisions()[0]?.decisionId ?? '';
  await rig.submit(replacement('C1', { submissionId: 's-2', originalClaimId: first }));
  await rig.submit(replacement('C3', { originalClaimId: rig.decisions().at(-1)?.decisionId ?? '', lines: cheapest }));
  // Also one that was replaced twice means what stands now.
  await rig.submit(voided('C1', { submissionId: 's-4', originalClaimId: first }));

  expect(rig.told()).toEqual([
    's-C1 decision paid 4000/6000',
    's-2 reversal reversed -4000/-6000',
    's-2 decision paid 2400/5600',
    's-C3 reversal reversed -2400/-5600',
    's-C3 decision paid 800/5200',
    's-4 reversal reversed -800/-5200',
  ]);
  expect([rig.pots(), rig.reviews()]).toEqual([{}, []]);
});

test('a decision of another policy is none that a correction can name', async () => {
  const rig = await rigWithMember();
  await rig.submit(aClaim());
  await rig.submit(voided('C2', { policyToken: 't1.other', originalClaimId: rig.decisions()[0]?.decisionId ?? '' }));

  expect(codes(rig)).toEqual([['s-C2', 'ORIGINAL_UNKNOWN']]);
});

test.each([
  ['whose lines do not add up', { totalCents: 8_100 }],
  ['that names nothing', { originalClaimId: null, problems: [{ level: '4', code: 'ORIGINAL_CLAIM_MISSING', field: 'REF*F8', line: 0 }] }],
  ['with a bad NPI', { providerIdType: 'npi', providerId: '1234567890' }],
])('a replacement %s is denied and leaves the original standing', async (_name, over) => {
  const rig = await rigWithMember();
  await rig.submit(aClaim(), replacement('C2', over));
  if (rig.reviews().length > 0) await rig.decide('s-C2');

  expect(rig.told().filter((line) => !line.includes('pended'))).toEqual(['s-C1 decision paid 4000/6000', 's-C2 decision denied 0/0']);
  expect(deductible(rig)).toBe(5_000);
  await rig.submit(voided('C3'));
  expect(rig.told().at(-1)).toBe('s-C3 reversal reversed -4000/-6000');
});

test('a replacement that comes too late leaves the original standing', async () => {
  const rig = await rigWithMember();
  await rig.submit(aClaim());
  const late = day('2025-03-02');
  await rig.driver.pipe(topics.claimSubmitted, {
    key: policyToken,
    timestamp: Date.UTC(2025, 2, 2),
    value: replacement('C2', { receivedOn: late }),
  });

  expect(rig.told()).toEqual(['s-C1 decision paid 4000/6000', 's-C2 decision denied 0/0']);
  expect(rig.decisions()[1]?.lines[0]?.adjustments).toEqual([{ group: 'CO', carc: '29', cents: 8_000 }]);
});

test('a replacement that is denied for its services takes the place of the original', async () => {
  const rig = await rigWithMember();
  await rig.submit(aClaim());
  await rig.enrol(aMember({ version: 2, coverage: [{ from: day('2020-01-01'), to: day('2023-12-31'), planId: 'P', groupNumber: '' }] }));
  await rig.submit(replacement('C2'));

  expect(rig.told().slice(1)).toEqual(['s-C2 reversal reversed -4000/-6000', 's-C2 decision denied 0/8000']);
});

test('who names a correction that came to nothing means what it left standing', async () => {
  const rig = await rigWithMember();
  await rig.submit(aClaim(), replacement('C2', { totalCents: 1 }));
  const refused = rig.decisions()[1]?.decisionId ?? '';
  await rig.submit(
    replacement('C2', { submissionId: 's-again' }),
    replacement('C3', { originalClaimId: refused, lines: cheapest }),
    replacement('C2', { totalCents: 1 }),
  );

  expect(rig.told().slice(2)).toEqual([
    's-again reversal reversed -4000/-6000',
    's-again decision paid 2400/5600',
    's-C3 reversal reversed -2400/-5600',
    's-C3 decision paid 800/5200',
  ]);
  expect(rig.reviews()).toEqual([]);
});

test.each([
  ['provider', { providerId: 'PROV_002' }],
  ['kind of identifier', { providerIdType: 'npi', providerId: 'PROV_001' }],
  ['member', { memberToken: 't1.child' }],
] as const)('a void by another %s waits for a person, who may say that it is right', async (_name, over) => {
  const rig = await rigWithMember();
  await rig.submit(aClaim(), voided('C2', over));
  expect(codes(rig)).toEqual([['s-C2', 'ORIGINAL_MISMATCH']]);
  expect(deductible(rig)).toBe(5_000);

  await rig.decide('s-C2');
  expect(rig.told().at(-1)).toBe('s-C2 reversal reversed -4000/-6000');
});

test('a replacement by another provider waits, and denied it changes nothing', async () => {
  const rig = await rigWithMember();
  await rig.submit(aClaim(), replacement('C2', { providerId: 'PROV_002' }));
  await rig.decide('s-C2', denied);

  expect(codes(rig)).toEqual([['s-C2', 'ORIGINAL_MISMATCH']]);
  expect(rig.told()).toEqual(['s-C1 decision paid 4000/6000', 's-C2 decision pended 0/0', 's-C2 decision denied 0/0']);
});

test('a void has to be what the workflow asks of every claim', async () => {
  const rig = await rigWithMember();
  await rig.submit(aClaim(), voided('C2', { serviceFrom: null }), voided('C3', { lines: huge }));
  expect(codes(rig)).toEqual([
    ['s-C2', 'REQUIRED_FIELD'],
    ['s-C3', 'AMOUNT_RANGE'],
  ]);
  expect(rig.told()).toHaveLength(3);

  await rig.decide('s-C2');
  expect(rig.told().at(-1)).toBe('s-C2 reversal reversed -4000/-6000');
});

test('a void that names nothing is denied', async () => {
  const rig = await rigWithMember();
  const problems = [{ level: '4', code: 'ORIGINAL_CLAIM_MISSING', field: 'original_claim_id', line: 0 }];
  await rig.submit(aClaim(), voided('C1', { submissionId: 's-void', originalClaimId: null, problems }));

  expect(rig.told()).toEqual(['s-C1 decision paid 4000/6000', 's-void decision denied 0/0']);
  expect(rig.decisions()[1]?.lines).toMatchObject([{ adjustments: [{ group: 'CO', carc: '16', cents: 12_000 }], rarc: ['M47'] }]);
  await rig.submit(voided('C9', { originalClaimId: 'C8' }));
  await rig.decide('s-C9', denied);
  await rig.submit(voided('C10', { originalClaimId: 'C9' }));
  expect(codes(rig).at(-1)).toEqual(['s-C10', 'ORIGINAL_UNKNOWN']);
});

test('a void above the limit is released by two people, who see all that was asked', async () => {
  const rig = await rigWithMember();
  await rig.submit(aClaim(), voided('C2', { lines: huge }));
  await rig.decide('s-C2');
  expect(codes(rig).at(-1)).toEqual(['s-C2', 'SECOND_PERSON_NEEDED', 'AMOUNT_RANGE']);

  await rig.decide('s-C2', two);
  expect(rig.told().at(-1)).toBe('s-C2 reversal reversed -4000/-6000');
});

test('one person who denies above the limit takes no reason away from the second', async () => {
  const rig = await rigWithMember();
  await rig.submit(aClaim(), aClaim({ submissionId: 's-odd', standing: 'conflicting', lines: huge }));
  await rig.decide('s-odd', denied);
  expect(codes(rig).at(-1)).toEqual(['s-odd', 'SECOND_PERSON_NEEDED', 'CONFLICTING_CLAIM']);

  await rig.decide('s-odd', { ...denied, ...two });
  expect(rig.told().slice(1)).toEqual(['s-odd decision pended 0/0', 's-odd decision pended 0/0', 's-odd decision denied 0/0']);
});

test('a second correction of the same original replaces the first, and a void of it voids what stands', async () => {
  const rig = await rigWithMember();
  await rig.submit(aClaim(), replacement('C2'), replacement('C3', { lines: cheapest }), voided('C4'));
  expect(rig.told()).toEqual([
    's-C1 decision paid 4000/6000',
    's-C2 reversal reversed -4000/-6000',
    's-C2 decision paid 2400/5600',
    's-C3 reversal reversed -2400/-5600',
    's-C3 decision paid 800/5200',
    's-C4 reversal reversed -800/-5200',
  ]);

  await rig.submit(replacement('C5'));
  expect(codes(rig)).toEqual([['s-C5', 'ORIGINAL_REVERSED']]);
});

test('a correction may repeat the id of an earlier correction of the same claim', async () => {
  const rig = await rigWithMember();
  await rig.submit(aClaim(), replacement('C2'), replacement('C2', { submissionId: 's-3', lines: cheapest }));

  expect(rig.told().slice(3)).toEqual(['s-3 reversal reversed -2400/-5600', 's-3 decision paid 800/5200']);
});

test('a conflicting claim that is released after a replacement takes the place of what stands now', async () => {
  const rig = await rigWithMember();
  const odd = aClaim({ submissionId: 's-odd', standing: 'conflicting', lines: cheapest });
  await rig.submit(aClaim(), replacement('C2'), odd);
  await rig.decide('s-odd');

  expect(rig.told().slice(3)).toEqual(['s-odd decision pended 0/0', 's-odd reversal reversed -2400/-5600', 's-odd decision paid 800/5200']);
  await rig.submit(voided('C3', { originalClaimId: 'C2' }));
  expect(rig.told().at(-1)).toBe('s-C3 reversal reversed -800/-5200');
});

test('a conflicting claim that is denied after a replacement leaves the way to what stands now', async () => {
  const rig = await rigWithMember();
  await rig.submit(aClaim(), replacement('C2'), aClaim({ submissionId: 's-odd', standing: 'conflicting', lines: cheapest }));
  await rig.decide('s-odd', denied);
  await rig.submit(voided('C3'));

  expect(rig.told().at(-1)).toBe('s-C3 reversal reversed -2400/-5600');
  expect(rig.pots()).toEqual({});
});

test('of two replacements of one unknown claim that are released the second takes the place of the first, and so of a voided one', async () => {
  const unknown = await rigWithMember();
  const gone = await rigWithMember();
  await gone.submit(aClaim(), voided('C0'));
  for (const rig of [unknown, gone]) {
    await rig.submit(replacement('C2'), replacement('C3', { lines: cheapest }));
    await rig.decide('s-C2');
    await rig.decide('s-C3');

    expect(rig.told().slice(-3)).toEqual([
      's-C2 decision paid 2400/5600',
      's-C3 reversal reversed -2400/-5600',
      's-C3 decision paid 800/5200',
    ]);
  }
  await unknown.submit(aClaim());
  expect(codes(unknown).at(-1)).toEqual(['s-C1', 'CONFLICTING_CLAIM']);
});

test('a replacement of a replacement that waits takes it out of the queue and the original back', async () => {
  const rig = await rigWithMember();
  await rig.submit(aClaim(), replacement('C2', { lines: huge }), replacement('C3', { originalClaimId: 'C2' }));

  expect(rig.told()).toEqual([
    's-C1 decision paid 4000/6000',
    's-C2 decision pended 0/0',
    's-C3 reversal reversed -4000/-6000',
    's-C3 reversal reversed 0/0',
    's-C3 decision paid 2400/5600',
  ]);
  expect(rig.reviews().at(-1)).toMatchObject({ submissionId: 's-C2', withdrawnBy: 's-C3' });
});

test('replacements that wait for each other are no endless way', async () => {
  const rig = await rigWithMember();
  await rig.submit(replacement('A', { originalClaimId: 'B' }), replacement('B', { originalClaimId: 'A', lines: huge }));
  await rig.submit(replacement('C', { originalClaimId: 'A', lines: cheapest }));

  expect(rig.told().at(-1)).toBe('s-C decision paid 800/5200');
});

test('an original that is released under an id where a correction waits leaves it waiting, and is found by it', async () => {
  const rig = await rigWithMember();
  await rig.submit(voided('C1', { submissionId: 's-void' }), aClaim());
  expect(codes(rig)).toEqual([
    ['s-void', 'ORIGINAL_UNKNOWN'],
    ['s-C1', 'CONFLICTING_CLAIM'],
  ]);
  await rig.decide('s-C1');
  expect(rig.told().slice(2)).toEqual(['s-C1 decision paid 4000/6000']);
  expect(rig.reviews()).toHaveLength(2);

  await rig.decide('s-void');
  expect(rig.told().at(-1)).toBe('s-void reversal reversed -4000/-6000');
  expect(rig.pots()).toEqual({});
});

test('a conflicting claim that takes the place of the first leaves a correction waiting that takes its own later', async () => {
  const rig = await rigWithMember();
  await rig.submit(
    aClaim(),
    replacement('C1', { submissionId: 's-2', lines: huge }),
    aClaim({ submissionId: 's-odd', standing: 'conflicting', lines: cheapest }),
  );
  await rig.decide('s-odd');
  expect(rig.told().slice(3)).toEqual(['s-odd reversal reversed -4000/-6000', 's-odd decision paid 800/5200']);
  expect(rig.reviews().filter(({ withdrawnBy }) => withdrawnBy !== null)).toEqual([]);

  await rig.decide('s-2', two);
  expect(rig.told().slice(5)).toEqual(['s-2 reversal reversed -800/-5200', 's-2 decision paid 4000/6000']);
});

test('a conflicting claim that is released takes a first one that waits out of the queue', async () => {
  const rig = await rigWithMember();
  await rig.submit(aClaim({ lines: huge }), aClaim({ submissionId: 's-odd', standing: 'conflicting', lines: cheapest }));
  await rig.decide('s-odd');

  expect(rig.told().slice(2)).toEqual(['s-odd reversal reversed 0/0', 's-odd decision paid 800/5200']);
  expect(rig.reviews().at(-1)).toMatchObject({ submissionId: 's-C1', withdrawnBy: 's-odd' });
});

test('a claim with an amount below zero is never decided as such, so that taking it back gives nothing', async () => {
  const rig = await rigWithMember();
  await rig.submit(aClaim({ lines: [aLine({ chargeCents: -500 })] }), aClaim({ claimId: 'C2', lines: [aLine({ chargeCents: -700 })] }));
  await rig.decide('s-C1', denied);
  await rig.decide('s-C2');
  await rig.submit(voided('C3'));

  expect(rig.decisions().map(({ chargeCents }) => chargeCents)).toEqual([0, 0, 0, 0, 0]);
  expect(rig.decisions()[2]?.lines).toMatchObject([
    { adjustments: [{ group: 'CO', carc: '16', cents: 0 }], rarc: ['M79'], reasons: [{ rule: 'NEGATIVE_AMOUNT' }] },
  ]);
});

test('the same service by two hands waits for a person, also across claims', async () => {
  const rig = await rigWithMember();
  for (const providerId of ['HAND_1', 'HAND_2'])
    await rig.driver.pipe(topics.providerChanged, { key: providerId, value: aProvider({ providerId }), partition: 0 });
  await rig.submit(
    aClaim({ lines: [aLine({ renderingProviderId: 'HAND_1' })] }),
    aClaim({ claimId: 'C2', lines: [aLine({ renderingProviderId: 'HAND_2' })] }),
    aClaim({ claimId: 'C3', renderingProviderId: 'HAND_1' }),
  );

  expect(rig.told()).toEqual(['s-C1 decision paid 4000/6000', 's-C2 decision pended 0/0', 's-C3 decision denied 0/0']);
  expect(codes(rig)).toEqual([['s-C2', 'SUSPECTED_DUPLICATE']]);
});

test('a correction whose id an original took while it waited stands beside that one', async () => {
  const rig = await rigWithMember();
  const visit = day('2024-03-02');
  await rig.submit(
    aClaim(),
    replacement('C2', { lines: huge }),
    aClaim({ submissionId: 's-2', claimId: 'C2', serviceFrom: visit, serviceTo: visit }),
  );
  await rig.decide('s-2');
  await rig.decide('s-C2', two);

  expect(rig.told().slice(3)).toEqual([
    's-2 decision paid 8000/2000',
    's-C2 reversal reversed -4000/-6000',
    's-C2 decision paid 4000/6000',
  ]);
  await rig.submit(voided('C3'), voided('C4', { originalClaimId: 'C2' }));
  expect(rig.told().slice(6)).toEqual(['s-C3 reversal reversed -4000/-6000', 's-C4 reversal reversed -8000/-2000']);
  expect(rig.pots()).toEqual({});
});

test('of two replacements that a person releases after a void, one names the void and one the claim, and one of them is paid', async () => {
  const rig = await rigWithMember();
  await rig.submit(aClaim(), voided('C2'), replacement('C3', { originalClaimId: 'C2' }), replacement('C4', { lines: cheapest }));
  await rig.decide('s-C3');
  await rig.decide('s-C4');

  expect(codes(rig)).toEqual([
    ['s-C3', 'ORIGINAL_REVERSED'],
    ['s-C4', 'ORIGINAL_REVERSED'],
  ]);
  expect(rig.told().slice(-3)).toEqual([
    's-C3 decision paid 2400/5600',
    's-C4 reversal reversed -2400/-5600',
    's-C4 decision paid 800/5200',
  ]);
});

test('a replacement that comes after its own replacement was released waits for a person', async () => {
  const rig = await rigWithMember();
  await rig.submit(aClaim(), replacement('C3', { originalClaimId: 'C2', lines: cheapest }));
  await rig.decide('s-C3');
  await rig.submit(replacement('C2'));

  expect(codes(rig).at(-1)).toEqual(['s-C2', 'CONFLICTING_CLAIM']);
});

test('a replacement with a day of another plan year gives back to the one and takes from the other', async () => {
  const rig = await rigWithMember();
  const newYearsEve = { serviceFrom: day('2023-12-31'), serviceTo: day('2023-12-31') };
  await rig.submit(aClaim(newYearsEve), aClaim({ claimId: 'C5', serviceFrom: day('2024-01-05'), serviceTo: day('2024-01-05') }));
  // 50.00 deductible in either year, so 40.00 are paid of each.
  expect(rig.told()).toEqual(['s-C1 decision paid 4000/6000', 's-C5 decision paid 4000/6000']);
  await rig.submit(replacement('C2', { serviceFrom: day('2024-01-02'), serviceTo: day('2024-01-02') }));

  // The deductible of 2024 is met: of 80.00 the patient shares 16.00.
  expect(rig.told().slice(2)).toEqual(['s-C2 reversal reversed -4000/-6000', 's-C2 decision paid 6400/1600']);
  expect(rig.pots()).toEqual({
    [`${memberToken} P in deductible 2024`]: 5_000,
    [`${memberToken} P in out-of-pocket 2024`]: 7_600,
    [`${policyToken} P in deductible 2024`]: 5_000,
    [`${policyToken} P in out-of-pocket 2024`]: 7_600,
  });
});

test('two of claims that correct one another are paid only where a person said of one that it is another', async () => {
  const rig = await rigWithMember();
  await rig.submit(replacement('C0'));
  await rig.decide('s-C0');
  // C1 itself comes now, and is a correction of a claim that nobody knows.
  await rig.submit(replacement('C1', { originalClaimId: 'C9', serviceFrom: day('2024-03-02'), serviceTo: day('2024-03-02') }));
  await rig.decide('s-C1');
  expect(codes(rig)).toEqual([
    ['s-C0', 'ORIGINAL_UNKNOWN'],
    ['s-C1', 'CONFLICTING_CLAIM'],
    ['s-C1', 'ORIGINAL_UNKNOWN'],
  ]);
  expect(rig.told().filter((line) => line.includes('paid'))).toEqual(['s-C0 decision paid 2400/5600']);

  await rig.decide('s-C1');
  // The deductible is met: 20 % of 80.00.
  expect(rig.told().at(-1)).toBe('s-C1 decision paid 6400/1600');
});

test('a replacement of a replacement that waits about a voided claim is what others mean who speak of that claim', async () => {
  const rig = await rigWithMember();
  await rig.submit(
    aClaim(),
    voided('C2'),
    replacement('C3'),
    replacement('C4', { originalClaimId: 'C3' }),
    replacement('C5', { lines: cheapest }),
  );

  expect(codes(rig)).toMatchObject([
    ['s-C3', 'ORIGINAL_REVERSED'],
    ['s-C3', 'ORIGINAL_REVERSED'],
  ]);
  expect(rig.told().slice(-2)).toEqual(['s-C5 reversal reversed -2400/-5600', 's-C5 decision paid 800/5200']);
});
