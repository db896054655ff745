import { beforeAll, expect, test } from '@jest/globals';
import { topics } from '@vigil/contracts';
import { createKafkaClient, createRegistry, valueSubjectOf } from '@vigil/kafka';
import { poisonCorpus } from '@vigil/testing';
import { drainedLedger, partOf, startFleet, vigil, type Ledger, type StackEnv } from '../fleet/fleet.ts';

let env: StackEnv;
beforeAll(async () => {
  env = await startFleet();
});

const { name: topic, schema } = topics.vitalsReadingReceived;
const rejectedOf = ({ stages }: Ledger) => stages.find((row) => row.stage === 'device-ingest' && row.topic === topic)?.rejected ?? 0;

test('each poison record is quarantined once, and what comes after it is processed', async () => {
  const before = await drainedLedger();
  const { restarts } = await partOf('device-ingest');
  const schemaId = await createRegistry({ url: env.schemaRegistryUrl }).idOf(valueSubjectOf(topic), schema);
  const client = createKafkaClient({ brokers: env.kafkaBrokers.split(','), clientId: 'poison-test' });
  const producer = await client.openIdempotentProducer();
  const corpus = poisonCorpus(schemaId);
  await producer.send(
    corpus.map(({ bytes }) => ({ topic, partition: 0, key: Buffer.from('MON_POISON'), value: bytes, headers: [], timestamp: null })),
  );
  await producer.close();
  await client.close();

  const after = await drainedLedger();
  const dlq = ['dlq', 'show', `${topic}.device-ingest.dlq`, '--limit', '100000'];
  const { records } = await vigil<{ records: { origin: { partition: number; offset: number } }[] }>(dlq);
  const origins = records.map(({ origin }) => `${origin.partition}/${origin.offset}`);

  expect(rejectedOf(after) - rejectedOf(before)).toBe(corpus.length);
  expect(new Set(origins).size).toBe(origins.length);
  expect(after.balanced).toBe(true);
  expect((await partOf('device-ingest')).restarts).toBe(restarts);
});
