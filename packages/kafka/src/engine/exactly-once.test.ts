import { expect, test } from '@jest/globals';
import type { AvroSchema, Topic } from '@vigil/contracts';
import { emit, emitAggregate, processed, rejected, type Outcome } from '@vigil/core';
import { drive, type DriverFault, type TopologyDriver } from '@vigil/testing';
import fc from 'fast-check';
import { keyedStore } from '../topology/keyed-store.ts';
import type { KeyedView } from '../topology/state-store.ts';
import { defineTopology, sink, source, type Handler, type TickHandler } from '../topology/topology.ts';

interface Reading {
  readonly id: number;
}
interface Count {
  count: number;
}
interface Total {
  readonly id: number;
  readonly total: number;
}

const schema = (name: string, ...fields: string[]): AvroSchema => ({
  type: 'record',
  name,
  fields: fields.map((field) => ({ name: field, type: 'long' })),
});
const aTopic = <Value>(name: string, avro: AvroSchema): Topic<Value> => ({
  name,
  key: 'k',
  schema: avro,
  format: 'avro',
  partitions: 'chain',
  retentionMs: 1,
  cleanup: 'delete',
  timestamps: 'create',
  maxMessageBytes: 1_000_000,
  phi: false,
  writers: [],
  readers: [],
  tableReaders: [],
});
const readings = aTopic<Reading>('readings', schema('Reading', 'id'));
const others = aTopic<Reading>('others', schema('Reading', 'id'));
const totals = aTopic<Total>('totals', schema('Total', 'id', 'total'));
const ticks = aTopic<Count>('ticks', schema('Count', 'count'));

interface Stores {
  readonly counts: KeyedView<Count>;
}

/** Counts per key; every output tells the count it saw, so that a record handled twice, or state lost, shows. */
const count: Handler<Reading, Stores> = ({ key, value }, { stores }): Outcome => {
  if (value.id % 7 === 3) return rejected('BAD_SHAPE');
  const counted = stores.counts.edit(key ?? '', () => ({ count: 0 }));
  counted.count++;
  return processed([emit(totals, key ?? '', { id: value.id, total: counted.count })]);
};
const tell: TickHandler<Stores> = (_, { stores }) => {
  const told = stores.counts.edit('ticks', () => ({ count: 0 }));
  told.count++;
  return [emitAggregate(ticks, 'tick', { count: told.count })];
};
const counting = defineTopology({
  name: 'counting',
  stores: { counts: keyedStore<Count>({ schema: schema('Count', 'count'), clone: (value) => ({ ...value }) }) },
  sources: [source(readings, count), source(others, count)],
  sinks: [sink(totals), sink(ticks)],
  onTick: tell,
});

const aReading = (id: number) => ({ key: `k${id % 3}`, value: { id } });

async function runAll(faults: (operation: string, number: number) => DriverFault | null, partitions = 1): Promise<TopologyDriver> {
  const driver = drive(counting, { partitions, faults, settings: { commitRecords: 4, retryCapMs: 1_000 } });
  await driver.pipe(readings, ...[1, 2, 3, 4, 5, 6].map(aReading));
  await driver.pipe(others, ...[11, 12, 13].map(aReading));
  await driver.advance(1_000);
  await driver.pipe(readings, ...[7, 8, 9].map(aReading));
  await driver.advance(15_000);
  return driver;
}

/** Every record has one disposition, every output is there once, in order, and state knew of everything before. */
function expectExactlyOnce(driver: TopologyDriver): void {
  const seen = new Map<string, number>();
  const ids = driver.records<Total>(totals).map(({ key, value }) => {
    expect(value.total).toBe((seen.get(key ?? '') ?? 0) + 1);
    seen.set(key ?? '', value.total);
    return value.id;
  });
  expect(ids.toSorted((a, b) => a - b)).toEqual([1, 2, 4, 5, 6, 7, 8, 9, 11, 12, 13]);
  expect(ids.filter((id) => id < 10)).toEqual([1, 2, 4, 5, 6, 7, 8, 9]);
  expect(driver.quarantined().map(({ origin }) => origin.offset)).toEqual([2]);
  expect(driver.read<Count>(ticks).map((tick) => tick.count)).toEqual(driver.read<Count>(ticks).map((_, index) => index + 1));
  expectBalanced(driver);
  expect(driver.health().drained).toBe(true);
}

function expectBalanced(driver: TopologyDriver): void {
  const rows = driver.ledger();
  for (const row of rows) expect(row.consumed).toBe(row.processed + row.late + row.duplicate + row.rejected + row.suppressed);
  const sum = (topic: string) => rows.filter((row) => row.topic === topic).reduce((total, row) => total + row.consumed, 0);
  expect([sum('readings'), sum('others')]).toEqual([9, 3]);
  const outputs = rows.reduce((total, row) => total + (row.outputs['totals'] ?? 0), 0);
  expect(outputs).toBe(driver.read(totals).length);
  expect(rows.reduce((total, row) => total + (row.outputs['ticks'] ?? 0), 0)).toBe(driver.read(ticks).length);
  expect(new Set(rows.map((row) => JSON.stringify([row.subStage, row.topic, row.partition, row.firstOffset, row.batchId]))).size).toBe(
    rows.length,
  );
}

/** Operations up to the first quiet minute; later ones only repeat. */
async function operationNames(): Promise<readonly string[]> {
  const names: string[] = [];
  const driver = drive(counting, { faults: (operation) => (names.push(operation), null), settings: { commitRecords: 4 } });
  await driver.pipe(readings, ...[1, 2, 3, 4, 5, 6].map(aReading));
  await driver.pipe(others, ...[11, 12, 13].map(aReading));
  await driver.advance(1_000);
  return names;
}

test('nothing is lost or doubled whatever operation the process dies at', async () => {
  const names = await operationNames();
  expect(new Set(names).size).toBeGreaterThan(10);
  for (const number of names.keys()) {
    expectExactlyOnce(await runAll((_, current) => (current === number + 1 ? 'crash' : null)));
  }
});

test('nothing is lost or doubled whatever operation fails, its effect taken or not', async () => {
  const names = await operationNames();
  const firstTask = names.indexOf('fence:before');
  for (const number of names.keys()) {
    if (number < firstTask) continue;
    expectExactlyOnce(await runAll((_, current) => (current === number + 1 ? 'fail' : null)));
  }
});

test('nothing is lost or doubled by any mixture of deaths and failures', async () => {
  const fault = fc.constantFrom<DriverFault>('crash', 'fail');
  await fc.assert(
    fc.asyncProperty(
      fc.dictionary(fc.integer({ min: 12, max: 200 }).map(String), fault, { maxKeys: 12 }),
      fc.constantFrom(1, 2),
      async (plan, partitions) => {
        const driver = await runAll((_, number) => plan[String(number)] ?? null, partitions);
        const ids = driver.read<Total>(totals).map(({ id }) => id);
        expect(ids.toSorted((a, b) => a - b)).toEqual([1, 2, 4, 5, 6, 7, 8, 9, 11, 12, 13]);
        expectBalanced(driver);
      },
    ),
    { numRuns: 40 },
  );
});
