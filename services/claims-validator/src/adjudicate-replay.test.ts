import { expect, test } from '@jest/globals';
import { topics, type ClaimSubmitted, type FeeScheduleChanged } from '@vigil/contracts';
import { drive } from '@vigil/testing';
import { aClaim, aMember, aPrice } from '../test-support/adjudicate-records.ts';
import { day } from '../test-support/records.ts';
import { claimRecord, loadReference, openAdjudication, potsOf } from '../test-support/adjudicate-rig.ts';
import { createAdjudicateTopology } from './adjudicate-topology.ts';
import { defaultAdjudicationSettings } from './domain/adjudication-settings.ts';

const member = aMember();
const visit = (number: number): ClaimSubmitted => {
  const serviceFrom = day('2024-03-01') + number;
  return aClaim({ claimId: `C${number}`, serviceFrom, serviceTo: serviceFrom });
};
/** Prices that are loaded one after the other, each in force from the first of the year: what is known changes, not the day. */
const prices = [11_000, 9_000, 10_500].map((unitCents, index) =>
  aPrice({ version: index + 2, effectiveFrom: day('2024-01-01'), unitCents }),
);
const priceRecord = (price: FeeScheduleChanged) => ({ key: `IN|99213||${price.version}`, value: price, partition: 0 });

test('what was known when a claim was decided stands in the ledger: a replay by the same table positions decides the same', async () => {
  const first = await openAdjudication();
  await first.enrol(member);
  await first.submit(visit(0), visit(1));
  for (const [index, price] of prices.entries()) {
    await first.driver.pipe(topics.feeScheduleChanged, priceRecord(price));
    await first.submit(visit(2 * index + 2), visit(2 * index + 3));
  }
  expect(first.decisions().map(({ allowedCents }) => allowedCents)).toEqual([10_000, 10_000, 11_000, 11_000, 9_000, 9_000, 10_500, 10_500]);

  const rows = first.driver.ledger().filter(({ topic, subStage }) => topic === topics.claimSubmitted.name && subStage === '');
  const claims = first.driver.records(topics.claimSubmitted);
  const table = first.driver.records(topics.feeScheduleChanged);
  const again = drive(createAdjudicateTopology(defaultAdjudicationSettings));
  await loadReference(again);
  await again.pipe(topics.memberChanged, { key: 'member', value: member });
  let known = 1;
  for (const { firstOffset, lastOffset, tablePositions } of rows) {
    const until = tablePositions[`${topics.feeScheduleChanged.name}-0`] ?? 0;
    for (; known < until; known++) await again.pipe(topics.feeScheduleChanged, priceRecord(table[known]?.value as FeeScheduleChanged));
    await again.pipe(
      topics.claimSubmitted,
      ...claims
        .filter(({ offset }) => offset >= firstOffset && offset <= lastOffset)
        .map(({ value, timestamp }) => ({ ...claimRecord(value), timestamp })),
    );
  }

  expect(again.read(topics.claimAdjudicated)).toEqual(first.decisions());
  expect(potsOf(again.broker)).toEqual(first.pots());
});

test('a decision names the greatest version that it used of each table', async () => {
  const rig = await openAdjudication();
  await rig.enrol(member);
  for (const price of prices) await rig.driver.pipe(topics.feeScheduleChanged, priceRecord(price));
  await rig.submit(visit(0));

  expect(rig.decisions()[0]?.referenceVersions).toMatchObject({ [topics.feeScheduleChanged.name]: 4, [topics.planChanged.name]: 1 });
});
