import { expect, test } from '@jest/globals';
import { locateImbalance, offsetsSince } from '@vigil/kafka';
import { createMemoryFleet, nowMs } from '../../test-support/memory-fleet.ts';

const topic = 'vitals.reading.accepted.v1';
const stage = 'vitals-windowing';
const rowOf = (firstOffset: number, lastOffset: number, committedAt = firstOffset, consumed = lastOffset - firstOffset + 1) => ({ stage, topic, partition: 0, firstOffset, lastOffset, consumed, processed: consumed, committedAt }); // prettier-ignore
const records = (count: number) => Array.from({ length: count }, () => Buffer.from('reading'));

async function located(rows: readonly Partial<ReturnType<typeof rowOf>>[], positions = [10, 0], of = stage) {
  const fleet = createMemoryFleet();
  await fleet.write(topic, records(10));
  await fleet.report(...rows);
  return (await locateImbalance(fleet, { stage: of, topic, positions })).map(({ partition, offset, reason }) => ({
    partition,
    offset,
    reason,
  }));
}

test('an account without a break has no place', async () => {
  expect(await located([rowOf(0, 4), rowOf(5, 9)])).toEqual([]);
  expect(await located([rowOf(0, 4)], [5, 0])).toEqual([]);
});

test('the first record that no commit accounts for is named', async () => {
  expect(await located([rowOf(0, 3), rowOf(6, 9)])).toEqual([{ partition: 0, offset: 4, reason: 'unclaimed' }]);
  expect(await located([rowOf(0, 7)])).toEqual([{ partition: 0, offset: 8, reason: 'unclaimed' }]);
});

test('a record that two commits account for is named', async () => {
  expect(await located([rowOf(0, 4, 1), rowOf(3, 9, 2)])).toEqual([{ partition: 0, offset: 3, reason: 'twice' }]);
});

test('a commit that counts other than the log holds is named by its first offset', async () => {
  expect(await located([rowOf(0, 4), rowOf(5, 9, 5, 4)])).toEqual([{ partition: 0, offset: 5, reason: 'miscounted' }]);
});

test('a commit whose dispositions do not add up is named first', async () => {
  const odd = { ...rowOf(5, 9), processed: 4 };

  expect(await located([rowOf(0, 4), odd])).toEqual([{ partition: 0, offset: 5, reason: 'dispositions' }]);
});

test('rows of one commit that part the records by batch id are one account; a repeated row is none', async () => {
  const first = { ...rowOf(0, 8, 1, 6), batchId: 'a' };

  expect(await located([first, { ...rowOf(3, 9, 1, 4), batchId: 'b' }, first])).toEqual([]);
});

test('two commits of one millisecond are two', async () => {
  expect(await located([rowOf(0, 4, 7), rowOf(6, 9, 7)])).toEqual([{ partition: 0, offset: 5, reason: 'unclaimed' }]);
});

test('what a rewound sink loaded again takes the place of what it had loaded', async () => {
  const sink = 'warehouse-loader.operational';
  const of = (...args: Parameters<typeof rowOf>) => ({ ...rowOf(...args), stage: sink });

  expect(await located([of(0, 4, 1), of(5, 9, 2), of(3, 9, 3)], [10, 0], sink)).toEqual([]);
  expect(await located([of(0, 4, 1), of(5, 9, 2), of(3, 8, 3)], [10, 0], sink)).toEqual([{ partition: 0, offset: 9, reason: 'unclaimed' }]);
});

test('control markers are no records that are missing', async () => {
  const fleet = createMemoryFleet();
  await fleet.write(topic, records(2));
  await fleet.endInMarker(topic, 0);
  await fleet.report(rowOf(0, 1));

  expect(await locateImbalance(fleet, { stage, topic, positions: [4, 0] })).toEqual([]);
});

test('the offset of a time is found without reading what is older', async () => {
  const fleet = createMemoryFleet();
  for (let minute = 0; minute < 8; minute++) await fleet.write(topic, records(5), { timestamp: nowMs + minute * 600_000 });

  const exactly = { nearEnough: 0 };
  expect(await offsetsSince(fleet.client, topic, nowMs + 3 * 600_000, exactly)).toEqual([15, 0]);
  expect(await offsetsSince(fleet.client, topic, nowMs - 1, exactly)).toEqual([0, 0]);
  expect((await offsetsSince(fleet.client, topic, nowMs + 99 * 600_000, exactly))[0]).toBe(40);
  expect(await offsetsSince(fleet.client, topic, nowMs + 99 * 600_000)).toEqual([0, 0]);
});
