import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { schemas, topics, type AvroSchema, type DeidReadingAccepted, type ReadingAccepted } from '@vigil/contracts';
import {
  createKafkaClient,
  createMemoryRegistry,
  createValueDecoder,
  createValueEncoder,
  partitionOf,
  type KafkaClient,
} from '@vigil/kafka';
import { startStack } from '@vigil/stack';
import { namespaced } from '@vigil/testing';
import { aReading } from '../test-support/samples.ts';
import { serveDeidentifier, topicsOfDeidentifier } from '../test-support/served-deidentifier.ts';

const partitions = 4;
const directory = mkdtempSync(join(tmpdir(), 'vigil-deid-'));
const keysFile = join(directory, 'keys.json');
const key = (id: string, byte: number) => ({ id, secret: Buffer.alloc(32, byte).toString('base64') });
writeFileSync(keysFile, JSON.stringify({ token: key('t1', 1), dataset: key('d1', 2), data: key('k1', 3) }), { mode: 0o600 });

const registry = createMemoryRegistry();
let connect: () => KafkaClient;
let client: KafkaClient;

beforeAll(async () => {
  const { env } = await startStack();
  const prefix = `deid-${randomUUID().slice(0, 8)}.`;
  connect = () => namespaced(createKafkaClient({ brokers: env.kafkaBrokers.split(','), clientId: 'deidentifier-test' }), prefix);
  client = connect();
  await client.admin.createTopics(
    topicsOfDeidentifier().map(({ name, cleanup }) => ({ name, partitions, replicationFactor: 1, config: { 'cleanup.policy': cleanup } })),
  );
}, 180_000);

afterAll(async () => {
  await client.close();
  rmSync(directory, { recursive: true });
});

/** As a later version of device-ingest would write it. */
const newerSchema: AvroSchema = {
  ...schemas.readingAccepted,
  fields: [...schemas.readingAccepted.fields, { name: 'nextOfKin', type: 'string', default: '' }],
};

/** `perPatient` readings of each of 20 patients, heart rate rising by one, in order per patient. */
const readingsFrom = (first: number, perPatient: number): readonly ReadingAccepted[] =>
  Array.from({ length: perPatient * 20 }, (_, index) => {
    const patient = index % 20;
    const number = first + Math.floor(index / 20);
    return aReading({ patientToken: `t1.CANARY-${patient}`, eventId: `event-${patient}-${number}`, heartRate: number });
  });

async function send(readings: readonly ReadingAccepted[], schema: AvroSchema = topics.vitalsReadingAccepted.schema): Promise<void> {
  const encode = createValueEncoder(schema, registry.register(schema));
  const producer = await client.openIdempotentProducer();
  const records = readings.map((reading) => {
    const recordKey = Buffer.from(reading.patientToken);
    return {
      topic: topics.vitalsReadingAccepted.name,
      partition: partitionOf(recordKey, partitions),
      key: recordKey,
      value: Buffer.from(encode(reading)),
      headers: [],
      timestamp: null,
    };
  });
  await producer.send(records);
  await producer.close();
}

/** Reads the output from the start until it holds `count` committed records. */
async function readOutput(count: number): Promise<readonly DeidReadingAccepted[]> {
  const { name, schema } = topics.deidReadingAccepted;
  const decode = createValueDecoder(schema, { ...registry, cached: () => schema });
  const fetcher = await client.openFetcher();
  for (let partition = 0; partition < partitions; partition++) fetcher.assign({ topic: name, partition }, 0);
  const values: DeidReadingAccepted[] = [];
  while (values.length < count) {
    for (const { records } of await fetcher.poll(200)) {
      for (const { value } of records) if (value !== null) values.push(decode(value) as DeidReadingAccepted);
    }
  }
  await fetcher.close();
  return values;
}

test('on a real broker every reading leaves exactly once and in order per patient, over a stop and a new start', async () => {
  const first = await serveDeidentifier(keysFile, connect, registry);
  await send(readingsFrom(0, 50));
  await readOutput(1000);
  const firstCode = await first.stop();

  await send(readingsFrom(50, 25));
  const second = await serveDeidentifier(keysFile, connect, registry);
  const newer = readingsFrom(75, 25).map((reading) => Object.assign({ nextOfKin: 'Jane CANARY' }, reading));
  await send(newer, newerSchema);
  const output = await readOutput(2000);
  const ready = await second.get('/health/ready');
  const { text: metrics } = await second.get('/metrics');
  const secondCode = await second.stop();

  expect([firstCode, secondCode]).toEqual([0, 0]);
  expect(ready).toMatchObject({ status: 200 });
  expect(second.lines.filter(({ event }) => event === 'fieldWithoutRule')).toEqual([
    expect.objectContaining({ record: 'ReadingAccepted', field: 'nextOfKin' }),
  ]);
  expect(JSON.stringify(output)).not.toContain('CANARY');
  expect(new Set(output.map(({ eventId }) => eventId)).size).toBe(2000);
  const byPatient = Map.groupBy(output, ({ pseudonym }) => pseudonym);
  expect(byPatient.size).toBe(20);
  for (const readings of byPatient.values()) {
    expect(readings.map(({ heartRate }) => heartRate)).toEqual(Array.from({ length: 100 }, (_, index) => index));
  }
  expect(metrics).toContain('vigil_stage_records_total{stage="deidentifier",disposition="processed",service="deidentifier"}');
  expect(`${JSON.stringify([...first.lines, ...second.lines])}${metrics}${ready.text}`).not.toMatch(/CANARY|MONITOR_|Canary/);
}, 120_000);
