import { expect, test } from '@jest/globals';
import { createLedgerBook } from '@vigil/contracts';
import { emit, processed, processedUpTo, type SubStageEnd } from '@vigil/core';
import { drive } from '@vigil/testing';
import { aTopic, countSchema, passed, readings, type Count, type Reading } from '../../test-support/plain-topics.ts';
import { defineTopology, indexedTable, sink, source, type TableIndex } from '../topology/topology.ts';

const ends: readonly SubStageEnd[] = [
  { subStage: 'look', end: 'stopped' },
  { subStage: 'weigh', end: 'stopped' },
  { subStage: 'weigh', end: 'passed' },
];
/** The number of a reading tells how far it comes; those without such an end pass no sub-stage at all. */
const weighing = defineTopology({
  name: 'weighing',
  subStages: ['look', 'weigh'],
  sources: [
    source<Reading, unknown>(readings, ({ value }) => {
      const end = ends[value.id];
      return end ? processedUpTo(end, [emit(passed, 'k', value)]) : processed();
    }),
  ],
  sinks: [sink(passed)],
});
const aReading = (id: number, batchId?: string) => ({
  key: 'k',
  value: { id },
  ...(batchId && { headers: { 'vigil-batch-id': batchId } }),
});

test('each sub-stage counts those that reached it, and as suppressed those that ended there', async () => {
  const driver = drive(weighing, { settings: { commitIntervalMs: 60_000 } });
  await driver.pipe(readings, aReading(9), aReading(0), aReading(1), aReading(2), aReading(2));
  await driver.advance(120_000);

  const told = driver.ledger().map((row) => [row.subStage, row.firstOffset, row.lastOffset, row.consumed, row.processed, row.suppressed]);
  expect(told).toEqual([
    ['', 0, 4, 5, 5, 0],
    ['look', 1, 4, 4, 3, 1],
    ['weigh', 2, 4, 3, 2, 1],
  ]);
  expect(driver.ledger().map(({ outputs }) => outputs)).toEqual([{ passed: 4 }, {}, {}]);
});

test('a batch id has sub-stages of its own', async () => {
  const driver = drive(weighing, { settings: { commitIntervalMs: 60_000 } });
  await driver.pipe(readings, aReading(2, 'a'), aReading(0, 'b'));
  await driver.advance(120_000);

  expect(driver.ledger().map(({ subStage, batchId, consumed }) => [subStage, batchId, consumed])).toEqual([
    ['', 'a', 1],
    ['look', 'a', 1],
    ['weigh', 'a', 1],
    ['', 'b', 1],
    ['look', 'b', 1],
  ]);
});

test('sub-stages are lines of their stage and add nothing to its sums, however often a row comes', async () => {
  const driver = drive(weighing);
  await driver.pipe(readings, aReading(0), aReading(1));
  await driver.pipe(readings, aReading(2));
  const book = createLedgerBook();
  for (const row of [...driver.ledger(), ...driver.ledger()]) book.enter(row);

  expect(book.totals()).toMatchObject([
    {
      stage: 'weighing',
      consumed: 3,
      processed: 3,
      suppressed: 0,
      outputs: { passed: 3 },
      subStages: [
        { subStage: 'look', consumed: 3, processed: 2, suppressed: 1 },
        { subStage: 'weigh', consumed: 2, processed: 1, suppressed: 1 },
      ],
    },
  ]);
});

test('what metrics tell of a commit counts each record once', async () => {
  const driver = drive(weighing, { settings: { commitIntervalMs: 60_000 } });
  await driver.pipe(readings, aReading(0), aReading(2));
  await driver.advance(120_000);

  expect(driver.events.find((event) => event.type === 'committed' && event.consumed > 0)).toMatchObject({
    consumed: 2,
    counts: { processed: 2, suppressed: 0 },
    outputs: { passed: 2 },
  });
});

test('a sub-stage that the topology does not name is a fault of the code', async () => {
  const odd = defineTopology({
    name: 'odd',
    subStages: ['look'],
    sources: [source<Reading, unknown>(readings, () => processedUpTo({ subStage: 'other', end: 'passed' }, []))],
    sinks: [],
  });
  const driver = drive(odd, { settings: { retryBaseMs: 0, retryCapMs: 0 } });
  await driver.pipe(readings, aReading(1));

  expect(driver.quarantined().map(({ code }) => code)).toEqual(['PROCESSOR_FAULT']);
});

const parameters = aTopic<Count>('parameters', countSchema, { cleanup: 'compact' });

/** Keys by their count, as an index of an effective-dated table would hold them. */
function openIndex(): TableIndex<ReadonlyMap<number, string>, Count> {
  const counts = new Map<string, number>();
  const view = new Map<number, string>();
  return {
    view,
    put(key, value) {
      const old = counts.get(key);
      if (old !== undefined) view.delete(old);
      if (value === null) return void counts.delete(key);
      counts.set(key, value.count);
      view.set(value.count, key);
    },
  };
}

test('a table can be held by an index of its own, that is told of every change, also after a restart', async () => {
  const topology = defineTopology({
    name: 'indexed',
    tables: { parameters: indexedTable(parameters, openIndex) },
    sources: [
      source<Reading, { readonly parameters: ReadonlyMap<number, string> }>(readings, ({ value }, { stores }) =>
        processed([emit(passed, stores.parameters.get(value.id) ?? 'none', value)]),
      ),
    ],
    sinks: [sink(passed)],
  });
  const driver = drive(topology);
  const keys = () => driver.records(passed).map(({ key }) => key);
  await driver.pipe(parameters, { key: 'five', value: { count: 5 } }, { key: 'six', value: { count: 6 } });
  await driver.pipe(readings, aReading(5), aReading(6));
  await driver.pipe(parameters, { key: 'five', value: { count: 7 } }, { key: 'six', value: null });
  await driver.pipe(readings, aReading(5), aReading(6), aReading(7));
  await driver.restart();
  await driver.pipe(readings, aReading(6), aReading(7));

  expect(keys()).toEqual(['five', 'six', 'none', 'none', 'five', 'none', 'five']);
});
