import { expect, test } from '@jest/globals';
import { emit, processed, rejected } from '@vigil/core';
import { drive } from '@vigil/testing';
import { passed, readings, type Reading } from '../../test-support/plain-topics.ts';
import { defineTopology, sink, source, withQuickWay, type QuickHandler } from '../topology/topology.ts';

const fields = { numbers: ['id'], texts: [] } as const;
const aReading = (id: number, headers: Record<string, string> = {}) => ({ key: 'k', value: { id }, headers });

/** Odd ids go the short way, even ones are passed on. */
function stage(handle: QuickHandler<unknown> = ({ numbers }) => (numbers[0] as number) % 2 === 1) {
  const slow: number[] = [];
  const readingsOf = source<Reading, unknown>(readings, ({ value }) => {
    slow.push(value.id);
    if (value.id < 0) return rejected('BAD_SHAPE');
    return processed(value.id % 2 === 1 ? [] : [emit(passed, 'k', value)]);
  });
  const topology = defineTopology({ name: 'quick', sources: [withQuickWay(readingsOf, { fields, handle })], sinks: [sink(passed)] });
  return { topology, slow };
}

test('records of the short way are counted as processed, beside those that are handled', async () => {
  const { topology, slow } = stage();
  const driver = drive(topology);
  await driver.pipe(readings, ...[1, 3, 4, 5, 6, 7].map((id) => aReading(id)));

  expect(slow).toEqual([4, 6]);
  expect(driver.read(passed).map(({ id }) => id)).toEqual([4, 6]);
  expect(driver.ledger().filter(({ topic }) => topic === readings.name)).toMatchObject([
    { consumed: 6, processed: 6, firstOffset: 0, lastOffset: 5, outputs: { [passed.name]: 2 } },
  ]);
});

test('a record with headers is counted under its batch id, wherever it stands', async () => {
  const { topology } = stage();
  const driver = drive(topology);
  const batch = { 'vigil-batch-id': 'b-1' };
  await driver.pipe(readings, aReading(1), aReading(3, batch), aReading(5), aReading(8, batch), aReading(7, { other: 'x' }));

  const rows = driver.ledger().filter(({ topic }) => topic === readings.name);
  expect(rows).toMatchObject([
    { batchId: null, consumed: 3, firstOffset: 0, lastOffset: 4 },
    { batchId: 'b-1', consumed: 2, firstOffset: 1, lastOffset: 3, outputs: { [passed.name]: 1 } },
  ]);
});

test('what cannot be read flat, poison and tombstones go to the handler and to quarantine', async () => {
  const { topology, slow } = stage();
  const driver = drive(topology);
  await driver.pipe(readings, aReading(1), { key: 'k', value: Buffer.of(9, 9) }, { key: 'k', value: null }, aReading(-2), aReading(3));

  expect(slow).toEqual([-2]);
  expect(driver.quarantined().map(({ code }) => code)).toEqual(['MALFORMED_AVRO', 'EMPTY_VALUE', 'BAD_SHAPE']);
});

test('a record at which the short way fails is left to the handler, as are those before it in its transaction', async () => {
  const { topology, slow } = stage(({ numbers }) => {
    if (numbers[0] === 5) throw new Error('a fault of ours');
    return true;
  });
  const driver = drive(topology);
  await driver.pipe(readings, ...[1, 3, 5, 7].map((id) => aReading(id)));
  await driver.advance(60_000);

  expect(slow).toEqual([1, 3, 5]);
  expect(driver.quarantined()).toEqual([]);
  const rows = driver.ledger().filter(({ topic }) => topic === readings.name);
  expect(rows.reduce((sum, { consumed }) => sum + consumed, 0)).toBe(4);
});

test('a commit holds no more records than it may, by the short way too', async () => {
  const { topology } = stage(() => true);
  const driver = drive(topology, { settings: { commitRecords: 3 } });
  await driver.pipe(readings, ...Array.from({ length: 8 }, (_, id) => aReading(id)));

  expect(
    driver
      .ledger()
      .filter(({ topic }) => topic === readings.name)
      .map(({ consumed }) => consumed),
  ).toEqual([3, 3, 2]);
});
