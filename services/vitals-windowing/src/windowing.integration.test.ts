import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { allTopics, topics, type AlertRaised, type ReadingAccepted, type Topic, type WindowClosed } from '@vigil/contracts';
import {
  createKafkaClient,
  createMemoryRegistry,
  createValueDecoder,
  createValueEncoder,
  partitionOf,
  runTopology,
  type KafkaClient,
  type Stage,
} from '@vigil/kafka';
import { startStack } from '@vigil/stack';
import { namespaced } from '@vigil/testing';
import { aReading, healthy, tenOClock } from '../test-support/a-reading.ts';
import { differencesOf, lastRevisions, recomputeWindows } from '../test-support/recompute-windows.ts';
import { rulesWith } from '../test-support/test-rules.ts';
import { createTopology } from './topology.ts';

const partitions = 4;
const patients = 20;
const readingsPerPatient = 200;
/** Ten seconds apart: 33 minutes, so that six windows of each patient close by the watermark. */
const stepMs = 10_000;
const closedWindows = 6;

const registry = createMemoryRegistry();
let connect: () => KafkaClient;
let client: KafkaClient;

beforeAll(async () => {
  const { env } = await startStack();
  const prefix = `windowing-${randomUUID().slice(0, 8)}.`;
  connect = () => namespaced(createKafkaClient({ brokers: env.kafkaBrokers.split(','), clientId: 'vitals-windowing-test' }), prefix);
  client = connect();
  const needed = allTopics({ chainPartitions: partitions, replicationFactor: 1 }).filter(({ name }) =>
    /^(vitals|patients|alerts|lineage)\b/.test(name),
  );
  await client.admin.createTopics(needed.map(({ name, config }) => ({ name, partitions, replicationFactor: 1, config })));
}, 180_000);

afterAll(() => client.close());

/** Every patient is healthy but the first, whose heart almost stops at the hundredth reading. */
const readingsOf = (from: number, to: number): ReadingAccepted[] =>
  Array.from({ length: (to - from) * patients }, (_, index) => {
    const patient = index % patients;
    const number = from + Math.floor(index / patients);
    const heartRate = patient === 0 && number >= 100 ? 30 : 65 + (number % 13);
    return aReading({ ...healthy, heartRate, patientToken: `t1.patient-${patient}`, at: tenOClock + number * stepMs + patient });
  });

async function send(readings: readonly ReadingAccepted[]): Promise<void> {
  const { name, schema } = topics.vitalsReadingAccepted;
  const encode = createValueEncoder(schema, registry.register(schema));
  const producer = await client.openIdempotentProducer();
  const records = readings.map((reading) => {
    const key = Buffer.from(reading.patientToken);
    return { topic: name, partition: partitionOf(key, partitions), key, value: encode(reading), headers: [], timestamp: null };
  });
  for (let from = 0; from < records.length; from += 1000) await producer.send(records.slice(from, from + 1000));
  await producer.close();
}

/** Everything committed to a topic. */
async function readAll<Value>({ name, schema }: Topic<Value>): Promise<Value[]> {
  const decode = createValueDecoder(schema, { ...registry, cached: () => schema });
  const ends = await client.admin.stableOffsets(name);
  const fetcher = await client.openFetcher();
  const values: Value[] = [];
  const open = new Set(ends.flatMap((end, partition) => (end > 0 ? [partition] : [])));
  for (const partition of open) fetcher.assign({ topic: name, partition }, 0);
  while (open.size > 0) {
    for (const { partition, records, nextOffset } of await fetcher.poll(200)) {
      for (const { value } of records) if (value !== null) values.push(decode(value) as Value);
      if (nextOffset >= (ends[partition] ?? 0)) open.delete(partition);
    }
  }
  await fetcher.close();
  return values;
}

async function untilDrained(stage: Stage): Promise<void> {
  const ends = await client.admin.stableOffsets(topics.vitalsReadingAccepted.name);
  const isRead = (): boolean =>
    ends.every((end, partition) =>
      stage
        .health()
        .partitions.some(
          (place) => place.topic === topics.vitalsReadingAccepted.name && place.partition === partition && place.committed >= end,
        ),
    );
  while (!isRead()) await new Promise((resolve) => setTimeout(resolve, 50));
}

async function serve(): Promise<{ readonly stage: Stage; readonly stop: () => Promise<void> }> {
  const own = connect();
  const stage = await runTopology(createTopology(rulesWith()), { client: own, registry });
  const stop = async (): Promise<void> => {
    await stage.drain({ withinMs: 10_000 });
    await own.close();
  };
  return { stage, stop };
}

test('on a real broker: windows equal a recomputation and one alert is raised, over a stop and a new start', async () => {
  const before = readingsOf(0, 120);
  const after = readingsOf(120, readingsPerPatient);
  await send(before);
  const first = await serve();
  await untilDrained(first.stage);
  await first.stop();
  await send(after);
  const second = await serve();
  await untilDrained(second.stage);
  await second.stop();

  const { windows: rules } = rulesWith();
  const told = lastRevisions(await readAll<WindowClosed>(topics.vitalsWindowClosed));
  const lastFinal = tenOClock + (closedWindows - 1) * rules.sizeMs;
  const expected = [...recomputeWindows([...before, ...after], rules)].filter(([key]) => Number(key.split(' ').at(-1)) <= lastFinal);
  const byWatermark = [...told].filter(([key]) => Number(key.split(' ').at(-1)) <= lastFinal);
  expect(byWatermark).toHaveLength(patients * 6 * closedWindows);
  expect(differencesOf(new Map(byWatermark), new Map(expected))).toEqual([]);

  const alerts = await readAll<AlertRaised>(topics.alertRaised);
  expect(alerts.filter(({ rule }) => rule === 'limit-low')).toMatchObject([
    { change: 'raised', patientToken: 't1.patient-0', severity: 'critical', value: 30, raisedAt: tenOClock + 100 * stepMs },
  ]);
}, 120_000);
