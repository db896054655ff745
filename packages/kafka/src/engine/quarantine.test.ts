import { expect, test } from '@jest/globals';
import { emit, processed, rejected } from '@vigil/core';
import { drive, type DriverOptions } from '@vigil/testing';
import { aTopic, countSchema, longs, passed, readings, readingSchema, type Count, type Reading } from '../../test-support/plain-topics.ts';
import { keyedStore } from '../topology/keyed-store.ts';
import type { KeyedView } from '../topology/state-store.ts';
import { defineTopology, projectedSource, rawSource, sink, source, type Handler, type SourceRecord } from '../topology/topology.ts';

const pass: Handler<Reading, unknown> = ({ key, value }) =>
  value.id < 0 ? rejected('BAD_SHAPE') : processed([emit(passed, key ?? '', value)]);
const passing = defineTopology({ name: 'passing', sources: [source(readings, pass)], sinks: [sink(passed)] });
const aReading = (id: number) => ({ key: 'k', value: { id } });
const idsOf = (driver: ReturnType<typeof drive>): number[] => driver.read(passed).map(({ id }) => id);

test('a rejected record stands in quarantine byte for byte, with where it came from and why', async () => {
  const driver = drive(passing, { settings: { service: 'passing-service', serviceVersion: '7.1.0' } });
  await driver.pipe(readings, aReading(1), {
    ...aReading(-1),
    timestamp: 1_700_000_000_000,
    headers: { mine: 'ü', traceparent: '00-a-b-01', 'vigil-batch-id': 'b1' },
  });
  const [letter] = driver.quarantined();

  expect(letter).toMatchObject({
    code: 'BAD_SHAPE',
    attempt: 1,
    origin: { topic: 'readings', partition: 0, offset: 1 },
    key: Buffer.from('k'),
  });
  expect(letter?.value?.subarray(5)).toEqual(Buffer.of(1));
  expect(letter?.headers).toEqual({
    mine: 'ü',
    traceparent: '00-a-b-01',
    'vigil-batch-id': 'b1',
    'vigil-origin-topic': 'readings',
    'vigil-origin-partition': '0',
    'vigil-origin-offset': '1',
    'vigil-origin-timestamp': '1700000000000',
    'vigil-origin-group': 'passing',
    'vigil-error-code': 'BAD_SHAPE',
    'vigil-error-stage': 'passing',
    'vigil-attempt': '1',
    'vigil-schema-id': '1',
    'vigil-service': 'passing-service',
    'vigil-service-version': '7.1.0',
  });
  expect(driver.events.filter(({ type }) => type === 'quarantined')).toHaveLength(1);
  expect(idsOf(driver)).toEqual([1]);
});

test('a requeued record keeps its identity and its bytes, and counts its attempts', async () => {
  const seen: SourceRecord<Reading>[] = [];
  let isFixed = false;
  const topology = defineTopology({
    name: 'passing',
    sources: [
      source<Reading, unknown>(
        readings,
        (record) => (seen.push(record), isFixed ? processed([emit(passed, 'k', record.value)]) : rejected('BAD_SHAPE')),
      ),
    ],
    sinks: [sink(passed)],
  });
  const driver = drive(topology);
  await driver.pipe(readings, { ...aReading(5), timestamp: 1_700_000_000_000 });
  await driver.requeue(readings);
  expect(driver.quarantined().map(({ attempt, origin }) => [attempt, origin.topic, origin.offset])).toEqual([
    [1, 'readings', 0],
    [2, 'readings', 0],
  ]);
  isFixed = true;
  await driver.requeue(readings);

  expect(seen.at(-1)?.origin).toEqual({ topic: 'readings', partition: 0, offset: 0, timestamp: 1_700_000_000_000 });
  expect(seen.at(-1)?.topic).toBe('readings');
  expect(idsOf(driver)).toEqual([5, 5]);
  expect(driver.ledger().at(-1)).toMatchObject({ topic: 'readings.passing.retry', consumed: 2, processed: 2 });
});

test('a record on the retry topic that does not say where it comes from is its own origin', async () => {
  const origins: unknown[] = [];
  const topology = defineTopology({
    name: 'passing',
    sources: [source<Reading, unknown>(readings, ({ origin }) => (origins.push(origin), processed()))],
    sinks: [],
  });
  const driver = drive(topology);
  await driver.pipe(readings, aReading(1));
  await driver.pipe({ ...readings, name: 'readings.passing.retry' }, { ...aReading(2), timestamp: 5 });

  expect(origins[1]).toEqual({ topic: 'readings', partition: 0, offset: 0, timestamp: 5 });
});

test.each([
  ['nothing', null, 'EMPTY_VALUE'],
  ['no bytes', Buffer.alloc(0), 'MALFORMED_AVRO'],
  ['no wire format', Buffer.from('{"id":1}'), 'MALFORMED_AVRO'],
  ['a body cut short', Buffer.of(0, 0, 0, 0, 1), 'MALFORMED_AVRO'],
  ['an unknown schema', Buffer.of(0, 0, 0, 0, 99, 2), 'UNKNOWN_SCHEMA_ID'],
  ['a schema of another shape', Buffer.of(0, 0, 0, 0, 2, 2), 'SCHEMA_MISMATCH'],
])('%s in place of a value is quarantined and what comes after goes on', async (_, value, code) => {
  const driver = drive(passing);
  driver.registry.register(readingSchema);
  driver.registry.register({ type: 'record', name: 'Other', fields: [{ name: 'x', type: 'string' }] });
  await driver.pipe(readings, { key: 'k', value }, aReading(2));
  await driver.advance(5_000);

  expect(driver.quarantined().map((letter) => [letter.code, letter.value])).toEqual([[code, value]]);
  expect(idsOf(driver)).toEqual([2]);
});

test('on a compacted topic a record without value is a deletion and reaches the handler', async () => {
  const compacted = aTopic<Reading>('compacted', readingSchema, { cleanup: 'compact' });
  const values: unknown[] = [];
  const topology = defineTopology({
    name: 'passing',
    sources: [source<Reading, unknown>(compacted, ({ value }) => (values.push(value), processed()))],
    sinks: [],
  });
  const driver = drive(topology);
  await driver.pipe(compacted, { key: 'k', value: null });

  expect(values).toEqual([null]);
});

test('on a json-or-avro topic bytes that are no Avro reach the handler as they are', async () => {
  const mixed = aTopic<Reading>('mixed', readingSchema, { format: 'json-or-avro' });
  const values: unknown[] = [];
  const topology = defineTopology({
    name: 'passing',
    sources: [rawSource<Reading, unknown>(mixed, ({ value }) => (values.push(value), processed()))],
    sinks: [],
  });
  const driver = drive(topology);
  const id = driver.registry.register(readingSchema);
  await driver.pipe(
    mixed,
    { key: null, value: { id: 3 } },
    { key: null, value: Buffer.of(0, 0, 0, 0, id, 8) },
    { key: null, value: Buffer.alloc(0) },
  );

  expect(values).toEqual([Buffer.from('{"id":3}'), { id: 4 }, Buffer.alloc(0)]);
});

test('a projected source decodes what its handler reads and nothing else', async () => {
  const wide = aTopic<{ id: number; other: number }>('wide', longs('Wide', 'id', 'other'));
  const values: unknown[] = [];
  const topology = defineTopology({
    name: 'passing',
    sources: [projectedSource(wide, ['other'], ({ value }) => (values.push(value), processed()))],
    sinks: [],
  });
  const driver = drive(topology);
  await driver.pipe(wide, { key: 'k', value: { id: 1, other: 2 } });

  expect(values).toEqual([{ other: 2 }]);
  const wrong = projectedSource(wide, ['nope' as 'other'], () => processed());
  await expect(drive(defineTopology({ name: 'passing', sources: [wrong], sinks: [] })).pipe(wide)).rejects.toThrow(/nope/);
});

test('keys that are no UTF-8 do not stop anything', async () => {
  const driver = drive(passing);
  await driver.pipe(readings, aReading(1));
  const producer = await driver.broker.connect().openIdempotentProducer();
  await producer.send([
    { topic: 'readings', partition: 0, key: Buffer.of(0xff), value: Buffer.of(0, 0, 0, 0, 1, 4), headers: [], timestamp: null },
  ]);
  await driver.advance(1_000);

  expect(driver.records(passed).map(({ key }) => key)).toEqual(['k', '\ufffd']);
});

interface Stores {
  readonly counts: KeyedView<Count>;
}

const failingAt = (isFaulty: (value: Reading) => boolean, attempts: number[] = []) =>
  defineTopology({
    name: 'failing',
    stores: { counts: keyedStore<Count>({ schema: countSchema, clone: (value) => ({ ...value }) }) },
    sources: [
      source<Reading, Stores>(readings, ({ value }, { stores }) => {
        stores.counts.edit('k', () => ({ count: 0 })).count++;
        if (isFaulty(value)) {
          attempts.push(value.id);
          throw new RangeError('a bug, and some data');
        }
        return processed([emit(passed, 'k', { id: stores.counts.get('k')?.count ?? 0 })]);
      }),
    ],
    sinks: [sink(passed)],
  });

test('a record on which our own code fails three times goes to quarantine, and leaves no trace in state', async () => {
  const attempts: number[] = [];
  const driver = drive(failingAt(({ id }) => id === 3, attempts));
  await driver.pipe(readings, ...[1, 2, 3, 4, 5].map(aReading));

  expect(attempts).toEqual([3, 3, 3]);
  expect(idsOf(driver)).toEqual([1, 2, 3, 4]);
  expect(driver.quarantined().map(({ code, origin }) => [code, origin.offset])).toEqual([['PROCESSOR_FAULT', 2]]);
  const failures = driver.events.filter((event) => event.type === 'processor-failed');
  expect(failures).toMatchObject([{ attempt: 1, errorName: 'RangeError' }, { attempt: 2 }, { attempt: 3 }]);
  expect(JSON.stringify(driver.events)).not.toContain('some data');
});

test('attempts survive restarts', async () => {
  const attempts: number[] = [];
  let commits = 0;
  // The process dies at the second, fourth and sixth commit: after an attempt was noted.
  const faults: DriverOptions['faults'] = (operation) =>
    operation === 'commit:after' && ++commits % 2 === 0 && commits < 7 ? 'crash' : null;
  const driver = drive(
    failingAt(({ id }) => id === 3, attempts),
    { faults },
  );
  await driver.pipe(readings, ...[1, 2, 3, 4].map(aReading));

  expect(attempts).toEqual([3, 3, 3]);
  expect(driver.quarantined()).toHaveLength(1);
  expect(idsOf(driver)).toEqual([1, 2, 3]);
});

test('a failure that passes is no fault: the record is processed', async () => {
  let failures = 0;
  const driver = drive(failingAt(({ id }) => id === 2 && ++failures < 3));
  await driver.pipe(readings, ...[1, 2, 3].map(aReading));

  expect(driver.quarantined()).toEqual([]);
  expect(idsOf(driver)).toEqual([1, 2, 3]);
});

test('several faulty records each get their attempts', async () => {
  const attempts: number[] = [];
  const driver = drive(failingAt(({ id }) => id % 2 === 0, attempts));
  await driver.pipe(readings, ...[1, 2, 3, 4].map(aReading));

  expect(attempts).toEqual([2, 2, 2, 4, 4, 4]);
  expect(driver.quarantined()).toHaveLength(2);
});

test('an emission that does not fit, or goes where it may not, is a fault of the record it was made of', async () => {
  const topology = defineTopology({
    name: 'failing',
    sources: [
      source<Reading, unknown>(readings, ({ value }) =>
        processed([
          value.id === 1
            ? emit(passed, 'k', { id: 'one' as unknown as number })
            : emit(value.id === 2 ? { name: 'elsewhere' } : passed, 'k', value),
        ]),
      ),
    ],
    sinks: [sink(passed)],
  });
  const driver = drive(topology);
  await driver.pipe(readings, ...[1, 2, 3].map(aReading));

  expect(driver.quarantined().map(({ code, origin }) => [code, origin.offset])).toEqual([
    ['PROCESSOR_FAULT', 0],
    ['PROCESSOR_FAULT', 1],
  ]);
  expect(idsOf(driver)).toEqual([3]);
});

test('state that cannot be written is traced to its record by halving the batch', async () => {
  const topology = defineTopology({
    name: 'failing',
    stores: { counts: keyedStore<Count>({ schema: countSchema, clone: (value) => ({ ...value }) }) },
    sources: [
      source<Reading, Stores>(readings, ({ value }, { stores }) => {
        stores.counts.put(`k${value.id}`, { count: value.id === 11 ? ('eleven' as unknown as number) : value.id });
        return processed([emit(passed, 'k', value)]);
      }),
    ],
    sinks: [sink(passed)],
  });
  const driver = drive(topology);
  const ids = Array.from({ length: 20 }, (_, index) => index + 1);
  await driver.pipe(readings, ...ids.map(aReading));

  expect(idsOf(driver)).toEqual(ids.filter((id) => id !== 11));
  expect(driver.quarantined().map(({ code, origin }) => [code, origin.offset])).toEqual([['PROCESSOR_FAULT', 10]]);
});

test('an output that the broker refuses for its size is traced to its record too', async () => {
  const text = aTopic<{ text: string }>('texts', { type: 'record', name: 'Text', fields: [{ name: 'text', type: 'string' }] });
  const topology = defineTopology({
    name: 'failing',
    sources: [
      source<Reading, unknown>(readings, ({ value }) => processed([emit(text, 'k', { text: 'x'.repeat(value.id === 3 ? 5_000 : 5) })])),
    ],
    sinks: [sink(text)],
  });
  const driver = drive(topology, { topicConfig: { texts: { 'max.message.bytes': '1000' } } });
  await driver.pipe(readings, ...[1, 2, 3, 4, 5].map(aReading));

  expect(driver.read(text)).toHaveLength(4);
  expect(driver.quarantined().map(({ code, origin }) => [code, origin.offset])).toEqual([['PROCESSOR_FAULT', 2]]);
});

test('a dead letter that cannot be written stops the stage', async () => {
  const driver = drive(passing, { topicConfig: { 'readings.passing.dlq': { 'max.message.bytes': '3' } } });

  await expect(driver.pipe(readings, aReading(1), aReading(-1))).rejects.toMatchObject({ code: 'QUARANTINE_WRITE_FAILED' });
});

test('too many rejected records in a row stop the stage, also across restarts', async () => {
  const settings = { commitRecords: 2, quarantine: { consecutive: 5, ratio: 1, ratioMinRecords: 1_000 } };
  const driver = drive(passing, { settings });
  await driver.pipe(readings, aReading(-1), aReading(-1), aReading(1), aReading(-1), aReading(-1));
  await driver.restart();
  await expect(driver.pipe(readings, ...[-1, -1, -1, -1, 1].map(aReading))).rejects.toMatchObject({ code: 'QUARANTINE_LIMIT' });
  await expect(driver.restart()).rejects.toMatchObject({ code: 'QUARANTINE_LIMIT' });

  expect(driver.quarantined().length).toBeLessThanOrEqual(7);
});

test('too large a share of rejected records stops the stage', async () => {
  const settings = { quarantine: { consecutive: 100, ratio: 0.5, ratioMinRecords: 10 } };
  const mixed = (bad: number) => Array.from({ length: 10 }, (_, index) => aReading(index < bad ? -1 : 1));
  await expect(drive(passing, { settings }).pipe(readings, ...mixed(6))).rejects.toMatchObject({ code: 'QUARANTINE_LIMIT' });
  const driver = drive(passing, { settings });
  await driver.pipe(readings, ...mixed(5), ...mixed(5));

  expect(driver.quarantined()).toHaveLength(10);
});
