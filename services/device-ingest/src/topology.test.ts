import { expect, jest, test } from '@jest/globals';
import { randomBytes } from 'node:crypto';
import { tokenOf } from '@vigil/core';
import { schemas, topics } from '@vigil/contracts';
import { createValueEncoder, partitionOf } from '@vigil/kafka';
import { drive, poisonCorpus } from '@vigil/testing';
import { aMessage, anAvroMessage, exampleMs } from '../test-support/messages.ts';
import { createTopology } from './topology.ts';

const tokenKey = { id: 'token-1', secret: randomBytes(32) };
const received = topics.vitalsReadingReceived;
const accepted = topics.vitalsReadingAccepted;

function aWard({ partitions = 4 } = {}) {
  const observer = { excluded: jest.fn(), flagged: jest.fn(), misplaced: jest.fn() };
  const rules = {
    tokenKey,
    dataKey: { id: 'data-1', secret: randomBytes(32) },
    random: (size: number) => randomBytes(size),
    historicAfterMs: 900_000,
    partitionOfDevice: (deviceId: string) => partitionOf(Buffer.from(deviceId), partitions),
    observer,
  };
  return { ward: drive(createTopology(rules), { partitions, startMs: exampleMs }), observer };
}

const sent = (device: string, changes = {}) => ({ key: device, value: aMessage({ device_id: device, ...changes }) });

test('readings go to the partition of their patient’s token, everything else into the ledger or quarantine', async () => {
  const { ward, observer } = aWard();
  await ward.pipe(received, sent('M1'), sent('M2', { patient_id: 'PAT_2' }), sent('M1'), { key: 'M1', value: 'nonsense' });

  const records = ward.records(accepted);
  expect(records).toHaveLength(2);
  for (const { key, partition } of records) expect(partition).toBe(partitionOf(Buffer.from(key!), 4));
  expect(new Set(records.map(({ key }) => key))).toEqual(new Set(['PAT_12345', 'PAT_2'].map((id) => tokenOf(tokenKey, 'patient', id))));
  expect(ward.quarantined()).toMatchObject([{ code: 'NOT_JSON', key: Buffer.from('M1'), value: Buffer.from('nonsense') }]);
  const sums = ward.ledger().map(({ consumed, processed, duplicate, rejected }) => [consumed, processed, duplicate, rejected]);
  expect(sums.reduce((total, row) => total.map((sum, at) => sum + row[at]!), [0, 0, 0, 0])).toEqual([4, 2, 1, 1]);
  expect(observer.misplaced).not.toHaveBeenCalled();
});

test('a repeat is recognised after a crash and a restart, and no longer an hour after it was taken', async () => {
  const { ward } = aWard();
  await ward.pipe(received, sent('M1'));
  await ward.restart();
  await ward.advance(3_599_000);
  await ward.pipe(received, sent('M1'));
  expect(ward.read(accepted)).toHaveLength(1);

  await ward.advance(10_000);
  await ward.pipe(received, sent('M1'));
  expect(ward.read(accepted)).toHaveLength(2);
});

test('Avro in the registry’s wire format is the same message as its JSON', async () => {
  const { ward } = aWard();
  const encode = createValueEncoder(schemas.readingReceived, ward.registry.register(schemas.readingReceived));
  const value = encode(anAvroMessage({ device_id: 'M1' }));
  await ward.pipe(received, { key: 'M1', value }, sent('M1'));

  expect(ward.read(accepted)).toMatchObject([{ deviceId: 'M1', temperatureC: 37, ward: 'ICU' }]);
});

test('broken Avro is quarantined under its own codes, and the next reading is processed', async () => {
  const { ward } = aWard({ partitions: 1 });
  const encode = createValueEncoder(schemas.readingReceived, ward.registry.register(schemas.readingReceived));
  const whole = Buffer.from(encode(anAvroMessage({ device_id: 'M1' })));
  const unknownId = Buffer.concat([Buffer.of(0, 0, 0, 0xff, 0xff), whole.subarray(5)]);
  const wrongMagic = Buffer.concat([Buffer.of(1), whole.subarray(1)]);
  for (const value of [whole.subarray(0, 20), unknownId, wrongMagic, Buffer.alloc(0)]) await ward.pipe(received, { key: 'M1', value });
  // An id that the registry does not know is asked for again before it is given up.
  await ward.advance(60_000);
  await ward.pipe(received, sent('M1'));

  const codes = ward.quarantined().map(({ code }) => code);
  expect(codes[0]).toBe('MALFORMED_AVRO');
  expect(codes[1]).toBe('UNKNOWN_SCHEMA_ID');
  expect(['NOT_JSON', 'INVALID_UTF8']).toContain(codes[2]);
  expect(codes).toHaveLength(4);
  expect(ward.read(accepted)).toHaveLength(1);
});

test('nothing of the poison corpus stops the partition: each is quarantined once, the reading behind it accepted', async () => {
  const { ward } = aWard({ partitions: 1 });
  const corpus = poisonCorpus(ward.registry.register(schemas.readingReceived));
  for (const [at, { bytes }] of corpus.entries()) {
    await ward.pipe(received, { key: 'M1', value: bytes }, sent('M1', { sequence: at }));
    await ward.advance(60_000);
  }

  expect(ward.quarantined()).toHaveLength(corpus.length);
  expect(ward.quarantined().map(({ code }) => code)).not.toContain('PROCESSOR_FAULT');
  expect(ward.read(accepted)).toHaveLength(corpus.length);
});

test('a null value is quarantined, a null key processed and reported', async () => {
  const { ward, observer } = aWard();
  await ward.pipe(received, { key: 'M1', value: null }, { key: null, value: aMessage() });

  expect(ward.quarantined()).toMatchObject([{ code: 'EMPTY_VALUE' }]);
  expect(ward.read(accepted)).toHaveLength(1);
  expect(observer.misplaced).toHaveBeenCalledTimes(1);
});

test('one device on two partitions is processed on both and reported', async () => {
  const { ward, observer } = aWard();
  const home = partitionOf(Buffer.from('M1'), 4);
  await ward.pipe(received, sent('M1'), { ...sent('M1', { sequence: 2 }), partition: (home + 1) % 4 });

  expect(ward.read(accepted)).toHaveLength(2);
  expect(observer.misplaced.mock.calls).toEqual([[expect.objectContaining({ partition: (home + 1) % 4 })]]);
});

test('a quarantined reading that is requeued keeps its arrival and its identity', async () => {
  const { ward } = aWard({ partitions: 1 });
  await ward.pipe(received, sent('M1', { timestamp: '2024-03-15T14:36:00Z' }));
  expect(ward.quarantined()).toMatchObject([{ code: 'TIMESTAMP_AHEAD', attempt: 1 }]);
  await ward.requeue(received);

  // Judged by its first arrival it is still ahead: only its sender's clock can mend it.
  expect(ward.quarantined().at(-1)).toMatchObject({ code: 'TIMESTAMP_AHEAD', origin: { topic: received.name, offset: 0 } });
});

test('a registry entry is split into what the fleet may know and what is sealed', async () => {
  const { ward } = aWard();
  const patient = { patient_id: 'PAT_12345', birth_date: '1950-07-04', sex: 'F', name: 'Jane Roe', zip: '02139' };
  await ward.pipe(topics.patientsRecordReceived, { key: 'PAT_12345', value: patient }, { key: 'x', value: '{"birth_date":7}' });

  const patientToken = tokenOf(tokenKey, 'patient', 'PAT_12345');
  expect(ward.records(topics.patientChanged)).toMatchObject([{ key: patientToken, value: { patientToken, sex: 'female', zip: '02139' } }]);
  expect(ward.records(topics.identityObserved)).toMatchObject([{ key: patientToken, value: { patientToken, keyId: 'data-1' } }]);
  expect(ward.quarantined()).toMatchObject([{ code: 'MISSING_ID', topic: topics.patientsRecordReceived.name }]);
});

test('trace context and batch id travel with a reading', async () => {
  const { ward } = aWard();
  const traceparent = `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01`;
  await ward.pipe(received, { ...sent('M1'), headers: { traceparent, 'vigil-batch-id': 'upload-7' } });

  expect(ward.records(accepted)[0]?.headers).toMatchObject({ traceparent, 'vigil-batch-id': 'upload-7' });
});
