import { expect, test } from '@jest/globals';
import {
  compileWriter,
  createWireEncoder,
  topics,
  type AvroField,
  type AvroRecord,
  type ReadingAccepted,
  type ReadingReceived,
} from '@vigil/contracts';
import { VigilError } from '@vigil/core';
import { createMemoryRegistry } from '@vigil/kafka';
import { clock, createMemoryFleet, nowMs } from '../../test-support/memory-fleet.ts';
import { queuesText, recordsText, statsText } from '../commands/dlq.ts';
import { countQuarantine } from './count-quarantine.ts';
import { deadLetterTopic } from './dead-letter-topics.ts';
import { listQueues, type QueueSummary } from './list-queues.ts';
import { maskValue } from './mask-value.ts';
import { presentMasked, presentRevealed } from './present-value.ts';
import { showRecords, type QuarantinedRecord } from './show-records.ts';

const queue = 'vitals.reading.received.v1.device-ingest.dlq';
const headersOf = (texts: Record<string, string>) =>
  Object.entries(texts).map(([name, text]) => [`vigil-${name}`, Buffer.from(text)] as const);
const letter = headersOf({ 'error-code': 'NOT_JSON', 'error-stage': 'device-ingest', attempt: '2', 'origin-topic': 'vitals.reading.received.v1', 'origin-partition': '1', 'origin-offset': '77', 'origin-timestamp': '1000' }); // prettier-ignore
const encode = createWireEncoder();
const unknownStates = () => Promise.resolve(null);
const states = (entries: Record<string, 'claimed' | 'requeued' | 'discarded'>) => () => Promise.resolve(new Map(Object.entries(entries)));

test('each queue is counted by code, with the age of its oldest record', async () => {
  const fleet = createMemoryFleet({ without: ['alerts.alert.raised.v1.alert-router.dlq'] });
  await fleet.write(queue, [Buffer.from('a')], { headers: letter, timestamp: nowMs - 7000 });
  await fleet.write(queue, [Buffer.from('b'), Buffer.from('c')], { partition: 1, timestamp: nowMs - 3000 });

  const queues = await listQueues({ client: fleet.client, clock, statesOf: states({ '0/0': 'requeued' }) });

  expect(queues.find(({ topic }) => topic === queue)).toEqual({
    topic: queue,
    group: 'device-ingest',
    count: 3,
    oldestAgeSeconds: 7,
    codes: { NOT_JSON: 1, UNKNOWN: 2 },
    states: { open: 2, claimed: 0, requeued: 1, discarded: 0 },
    oldestOpenAgeSeconds: 3,
  });
  expect(queues.filter(({ count }) => count === 0).every(({ oldestAgeSeconds }) => oldestAgeSeconds === null)).toBe(true);
  expect(queues.map(({ topic }) => topic)).not.toContain('alerts.alert.raised.v1.alert-router.dlq');
  expect(queuesText(queues)).toBe(`${queue.padEnd(65)}       3  2 open  oldest 7 s  NOT_JSON 1, UNKNOWN 2`);
  expect(queuesText([])).toBe('no record is in quarantine');
});

test('the newest records are shown, oldest of them first, with where they come from', async () => {
  const fleet = createMemoryFleet();
  for (let count = 0; count < 9; count++)
    await fleet.write(queue, [Buffer.from(String(count))], { partition: count % 2, timestamp: nowMs + count });
  await fleet.write(queue, [null], { headers: letter, timestamp: nowMs + 9 });

  const records = await showRecords({
    client: fleet.client,
    topic: queue,
    limit: 3,
    present: async (value) => value?.toString() ?? null,
    statesOf: states({ '0/5': 'requeued' }),
  });

  expect(records.map(({ value }) => value)).toEqual(['7', '8', null]);
  expect(records.at(-1)).toEqual({
    partition: 0,
    offset: 5,
    timestamp: nowMs + 9,
    state: 'requeued',
    code: 'NOT_JSON',
    stage: 'device-ingest',
    attempt: 2,
    origin: { topic: 'vitals.reading.received.v1', partition: 1, offset: 77, timestamp: 1000 },
    value: null,
  });
  expect(records[0]).toMatchObject({ code: null, stage: null, attempt: 1, origin: null });
  expect(recordsText(records).split('\n')).toEqual([
    '1/3  UNKNOWN  attempt 1  origin unknown', '  "7"', '0/4  UNKNOWN  attempt 1  origin unknown', '  "8"',
    '0/5  NOT_JSON  attempt 2  from vitals.reading.received.v1-1 at 77  requeued', '  null',
  ]); // prettier-ignore
  expect(recordsText([])).toBe('nothing here');
});

test('a queue that does not exist holds nothing', async () => {
  const fleet = createMemoryFleet({ without: [queue] });

  expect(await showRecords({ client: fleet.client, topic: queue, limit: 3, present: async () => null, statesOf: unknownStates })).toEqual(
    [],
  );
});

test('a name that is no quarantine is refused, with those that may be meant', () => {
  expect(deadLetterTopic(queue)).toMatchObject({ name: queue, group: 'device-ingest' });
  expect(() => deadLetterTopic('vitals.reading.received.v1')).toThrow(`Did you mean ${queue} or`);
  expect(() => deadLetterTopic('nonsense')).toThrow('vigil dlq list names them');
});

const message = {
  device_id: 'MONITOR_SECRET', patient_id: 'PAT_SECRET', timestamp: '2024-03-15T14:30:00Z', 'Jane Secret': 1,
  measurements: { heart_rate: 72, temperature: 'secret', blood_pressure: { systolic: 123456789, diastolic: null }, secret: 1 },
  units: { 'secret unit': 'x' }, supplemental_oxygen: true, consciousness: 'secret', device_status: 'secret', location: { ward: 'secret' },
}; // prettier-ignore

test('of a device’s message only plain measurements are shown', async () => {
  const present = presentMasked(topics.vitalsReadingReceived, createMemoryRegistry());

  const shown = await present(Buffer.from(JSON.stringify(message)));

  expect(shown).toEqual({
    device_id: '***', patient_id: '***', timestamp: '***',
    measurements: { heart_rate: 72, temperature: '***', blood_pressure: { systolic: '***', diastolic: null }, '…': '1 fields outside the schema' },
    units: '1 entries', supplemental_oxygen: true, consciousness: '***', device_status: '***', location: '***', '…': '1 fields outside the schema',
  }); // prettier-ignore
  expect(JSON.stringify(shown).toLowerCase()).not.toContain('secret');
});

test('a list in the wrong place, and a union of nothing but null, show nothing', () => {
  const field = (type: AvroField['type']): AvroRecord => ({
    type: 'record',
    name: 'R',
    fields: [{ name: 'f', type, phi: 'none', deid: 'keep' }],
  });

  expect(maskValue({ f: 'SECRET' }, field({ type: 'array', items: 'string' }), 'ours')).toEqual({ f: '***' });
  expect(maskValue({ f: 'SECRET' }, field(['null']), 'ours')).toEqual({ f: '***' });
  expect(maskValue({ f: ['a'] }, field({ type: 'array', items: 'string' }), 'ours')).toEqual({ f: ['a'] });
  expect(maskValue({ f: [{ g: 1 }] }, field('string'), 'ours')).toEqual({ f: '***' });
});

test.each([
  ['{"device_id":"SECRET', 'not JSON, 20 bytes'],
  ['["SECRET"]', 'no object: list of 1'],
  ['null', 'no object: null'],
  ['"SECRET"', 'no object: string'],
  ['{"measurements":"SECRET","units":[1],"patient_id":null}', { measurements: '***', units: '***', patient_id: null }],
  [Buffer.of(0xff, 0xfe, 1), 'neither UTF-8 nor Avro, 3 bytes'],
  [Buffer.of(0, 0, 0, 0, 99, 1), 'Avro that cannot be decoded (UNKNOWN_SCHEMA_ID), 6 bytes'],
])('%s is masked as %j', async (bytes, expected) => {
  expect(await presentMasked(topics.vitalsReadingReceived, createMemoryRegistry())(Buffer.from(bytes))).toEqual(expected);
});

test('a record without a value has none to show', async () => {
  const registry = createMemoryRegistry();

  expect(await presentMasked(topics.vitalsReadingReceived, registry)(null)).toBeNull();
  expect(await presentRevealed(registry)(null)).toBeNull();
});

test('what our own stages wrote is shown by its classification', async () => {
  const registry = createMemoryRegistry();
  const { schema } = topics.vitalsReadingAccepted;
  const write = compileWriter<Partial<ReadingAccepted>>(schema);
  const value = {
    eventId: 'e',
    patientToken: 't',
    deviceId: 'd',
    observedAt: 1,
    receivedAt: 2,
    heartRate: 71,
    flags: ['A_FLAG'],
    excluded: [{ field: 'systolic', code: 'OUT_OF_RANGE', rawValue: 1 }],
  };

  const shown = await presentMasked(topics.vitalsReadingAccepted, registry)(encode(registry.register(schema), write, value));

  expect(shown).toMatchObject({
    eventId: '***',
    patientToken: '***',
    observedAt: '***',
    heartRate: 71,
    flags: ['A_FLAG'],
    excluded: [{ field: 'systolic', code: 'OUT_OF_RANGE', rawValue: '***' }],
  });
});

test('a device’s Avro message is masked like its JSON', async () => {
  const registry = createMemoryRegistry();
  const { schema } = topics.vitalsReadingReceived;
  const value = {
    device_id: 'SECRET',
    patient_id: 'SECRET',
    timestamp: 'SECRET',
    consciousness: 'SECRET',
    measurements: { heart_rate: 70 },
  } as unknown as ReadingReceived;

  const shown = await presentMasked(
    topics.vitalsReadingReceived,
    registry,
  )(encode(registry.register(schema), compileWriter<ReadingReceived>(schema), value));

  expect(JSON.stringify(shown)).not.toContain('SECRET');
  expect(shown).toMatchObject({ measurements: { heart_rate: 70 } });
});

test('revealed, text is what came, Avro is decoded, other bytes are base64', async () => {
  const registry = createMemoryRegistry();
  const { schema } = topics.identityObserved;
  const avro = encode(registry.register(schema), compileWriter(schema), {
    patientToken: 't',
    sealed: Buffer.of(1, 2),
    keyId: 'k',
    observedAt: 3,
  });
  const present = presentRevealed(registry);

  expect(await present(Buffer.from('{"a": 1.50}'))).toBe('{"a": 1.50}');
  expect(await present(Buffer.from('nonsense'))).toBe('nonsense');
  expect(await present(Buffer.of(0xff, 0xfe))).toEqual({ base64: '//4=' });
  expect(await present(avro)).toEqual({
    patientToken: 't',
    sealed: { base64: 'AQI=' },
    keyId: 'k',
    observedAt: 3,
    source: 'registry',
    told: 0,
  });
});

test('a registry that is away is told, not mistaken for poison', async () => {
  const registry = createMemoryRegistry();
  registry.setAway(true);

  await expect(presentMasked(topics.vitalsReadingReceived, registry)(Buffer.of(0, 0, 0, 0, 9, 1))).rejects.toThrow(VigilError);
});

test('where the requests cannot be asked, records are counted all the same', async () => {
  const fleet = createMemoryFleet();
  await fleet.write(queue, [Buffer.from('a')], { headers: letter, timestamp: nowMs - 7000 });
  const options = { client: fleet.client, clock, statesOf: unknownStates, group: 'device-ingest', topic: 'vitals.reading.received.v1' };

  const [only, ...others] = await listQueues(options);
  const [record] = await showRecords({ client: fleet.client, topic: queue, limit: 1, present: async () => null, statesOf: unknownStates });
  const stats = await countQuarantine(options);

  expect(others).toEqual([]);
  expect(only).toMatchObject({ topic: queue, count: 1, states: null, oldestOpenAgeSeconds: null });
  expect(queuesText([only as QueueSummary])).not.toContain('open');
  expect(record).toMatchObject({ state: null });
  expect(recordsText([record as QuarantinedRecord])).not.toContain('open');
  expect(stats).toMatchObject({ count: 1, states: { unknown: 1 }, oldestOpenAgeSeconds: null });
});

test('stats count by code, stage, state and hour', async () => {
  const fleet = createMemoryFleet();
  const hour = 3_600_000;
  await fleet.write(queue, [Buffer.from('a'), Buffer.from('b')], { headers: letter, timestamp: nowMs - hour });
  await fleet.write(queue, [Buffer.from('c')], { timestamp: nowMs - 5000 });
  await fleet.write('alerts.alert.raised.v1.alert-router.dlq', [Buffer.from('d')], { timestamp: nowMs - 4000 });

  const stats = await countQuarantine({ client: fleet.client, clock, statesOf: states({ '0/0': 'discarded' }) });

  expect(stats).toEqual({
    count: 4,
    codes: { NOT_JSON: 2, UNKNOWN: 2 },
    stages: { 'device-ingest': 2, unknown: 2 },
    groups: { 'device-ingest': 3, 'alert-router': 1 },
    attempts: { 1: 2, 2: 2 },
    states: { discarded: 2, open: 2 },
    oldestOpenAgeSeconds: 3600,
    hours: [{ hour: new Date(nowMs - hour).toISOString(), count: 4, codes: { NOT_JSON: 2, UNKNOWN: 2 } }],
  });
  expect(statsText(stats)).toContain('4 records: discarded 2, open 2\nby code: NOT_JSON 2, UNKNOWN 2');
  expect(statsText(await countQuarantine({ client: fleet.client, clock, statesOf: unknownStates, filter: { codes: ['X'] } }))).toBe(
    'no record is in quarantine',
  );
});
