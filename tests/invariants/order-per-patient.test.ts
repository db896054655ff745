import { beforeAll, expect, test } from '@jest/globals';
import { compileReader, readWireId, topics, type ReadingAccepted } from '@vigil/contracts';
import { createKafkaClient } from '@vigil/kafka';
import { setTimeout as sleep } from 'node:timers/promises';
import { drainedLedger, partOf, sendInBackground, startFleet, type StackEnv } from '../fleet/fleet.ts';
import { readTopic } from '../fleet/read-topic.ts';
import { createWorkload } from '../fleet/workload.ts';

let env: StackEnv;
beforeAll(async () => {
  env = await startFleet();
});

test('each patient’s readings leave in the order in which they came, on one partition, also over a crash', async () => {
  const workload = createWorkload({
    name: `ORDER${Date.now()}`,
    patients: 12,
    readingsEach: 250,
    malformedEvery: 1000,
    duplicateEvery: 100,
    startMs: Date.now() - 300_000,
    stepMs: 1000,
  });
  const sending = sendInBackground('readings', workload.lines, 800);
  for (let crash = 0; crash < 2; crash++) {
    await sleep(1000);
    process.kill((await partOf('device-ingest')).pid, 'SIGKILL');
  }
  expect((await sending).code).toBe(0);
  await drainedLedger(120);

  const client = createKafkaClient({ brokers: env.kafkaBrokers.split(','), clientId: 'order-test' });
  const topic = topics.vitalsReadingAccepted;
  const read = compileReader(topic.schema, topic.schema);
  const seen = new Map<string, { partitions: Set<number>; times: number[] }>();
  for (const { partition, record } of await readTopic(client, topic.name)) {
    expect(readWireId(record.value!)).toBeGreaterThan(0);
    const reading = read(record.value!, 5) as ReadingAccepted;
    if (!workload.deviceIds.includes(reading.deviceId)) continue;
    const patient = seen.get(reading.patientToken) ?? { partitions: new Set(), times: [] };
    patient.partitions.add(partition);
    patient.times.push(reading.observedAt);
    seen.set(reading.patientToken, patient);
  }
  await client.close();

  expect(seen.size).toBe(12);
  for (const { partitions, times } of seen.values()) {
    expect(partitions.size).toBe(1);
    expect(times).toHaveLength(250);
    expect(times).toEqual(times.toSorted((a, b) => a - b));
  }
});
