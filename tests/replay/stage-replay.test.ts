import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { allTopics, topics, type ReadingAccepted } from '@vigil/contracts';
import { systemClock } from '@vigil/core';
import {
  createMemoryRegistry,
  createValueEncoder,
  groupTopics,
  partitionOf,
  runTopology,
  type KafkaClient,
  type Stage,
} from '@vigil/kafka';
import { createReplayJobs, type ReplayJob } from '@vigil/postgres';
import { createTestDatabase, type TestDatabase } from '@vigil/testing';
import { besideLive } from '@vigil/runtime';
import { abandonReplay } from '../../packages/cli/src/replay/abandon-replay.ts';
import { cutOverStage } from '../../packages/cli/src/replay/cutover-stage.ts';
import { diffStage } from '../../packages/cli/src/replay/diff-stage.ts';
import { planStage } from '../../packages/cli/src/replay/plan-stage.ts';
import { parseScope } from '../../packages/cli/src/replay/replay-scope.ts';
import { remainingOf, runStageReplay, type StageProcess, type StageRunOptions } from '../../packages/cli/src/replay/run-stage.ts';
import type { ReplayTools } from '../../packages/cli/src/replay/with-replay.ts';
import { createTopology } from '../../services/vitals-windowing/src/topology.ts';
import { aReading, healthy, tenOClock } from '../../services/vitals-windowing/test-support/a-reading.ts';
import { rulesWith, settingsOf } from '../../services/vitals-windowing/test-support/test-rules.ts';
import { openWorld, until, type World } from './world.ts';

const partitions = 2;
const source = topics.vitalsReadingAccepted;
const registry = createMemoryRegistry();
const scope = parseScope(source.name, {});

let world: World;
let database: TestDatabase;
let tools: ReplayTools;
let live: Stage;

async function send(from: number, to: number): Promise<void> {
  const encode = createValueEncoder(source.schema, registry.register(source.schema));
  const readings = Array.from({ length: (to - from) * 6 }, (_, index): ReadingAccepted => {
    const [patient, number] = [index % 6, from + Math.floor(index / 6)];
    const heartRate = patient === 0 && number >= 60 ? 30 : 65 + (number % 13);
    return aReading({ ...healthy, heartRate, patientToken: `t1.patient-${patient}`, at: tenOClock + number * 10_000 + patient });
  });
  const records = readings.map((reading) => {
    const key = Buffer.from(reading.patientToken);
    return { topic: source.name, partition: partitionOf(key, partitions), key, value: encode(reading), headers: [], timestamp: null };
  });
  const producer = await world.client.openIdempotentProducer();
  await producer.send(records);
  await producer.close();
}

const isRead = (stage: Stage, ends: readonly number[]): boolean =>
  ends.every((end, partition) =>
    stage.health().partitions.some((place) => place.topic === source.name && place.partition === partition && place.committed >= end),
  );

/** The program of the stage as `vigil replay run` starts it, in this process. */
function launch(environment: Readonly<Record<string, string>>): StageProcess {
  const settings = settingsOf(environment);
  const own: KafkaClient = besideLive(world.connect(), 'vitals-windowing', settings, systemClock);
  const stage = runTopology(createTopology(rulesWith(environment)), { client: own, registry });
  return {
    ended: stage
      .then(({ finished }) => finished)
      .then(
        () => 'stopped',
        (error: unknown) => String(error),
      ),
    stop: async () => void (await (await stage).drain({ withinMs: 10_000 })),
  };
}

const options = (changed: Partial<StageRunOptions> = {}): StageRunOptions => ({
  launch,
  replicationFactor: 1,
  flushMs: 0,
  progress: () => undefined,
  nowMs: () => Date.now(),
  untilMs: Date.now() + 60_000,
  yieldSeconds: 0,
  ...changed,
});

const plan = async (settings: Record<string, string> = {}, rate = 1_000_000): Promise<ReplayJob> =>
  (await planStage(tools, 'vitals-windowing', scope, { rate, settings })).job;

beforeAll(async () => {
  [world, database] = await Promise.all([openWorld('stage-replay'), createTestDatabase('vigil')]);
  tools = { ...world, jobs: createReplayJobs(database.pool), poolOf: () => database.pool };
  const needed = allTopics({ chainPartitions: partitions, replicationFactor: 1 }).filter(
    ({ name, group, topic }) =>
      group === 'vitals-windowing' || (group === null && /^(vitals|patients|alerts|lineage)/.test(topic?.name ?? name)),
  );
  await world.client.admin.createTopics(needed.map(({ name, config }) => ({ name, partitions, replicationFactor: 1, config })));
  for (const { schema } of [topics.vitalsWindowClosed, topics.alertRaised]) registry.register(schema);
  live = await runTopology(createTopology(rulesWith()), { client: world.connect(), registry });
  await send(0, 160);
  await until(async () => isRead(live, await world.client.admin.stableOffsets(source.name)));
  await live.drain({ withinMs: 10_000 });
  // A commit is answered before its markers are written: who takes the id over waits for them.
  for (let partition = 0; partition < partitions; partition++) {
    const successor = await world.client.openTransactionalProducer({
      transactionalId: `vitals-windowing.${partition}`,
      transactionTimeoutMs: 10_000,
    });
    await successor.fence();
    await successor.close();
  }
}, 120_000);

afterAll(async () => {
  await live?.drain({ withinMs: 10_000 });
  await world?.close();
  await database?.drop();
}, 60_000);

test('the same rules beside the live stage give the same windows and alerts, and touch no live topic', async () => {
  const liveEnds = () =>
    Promise.all(
      [topics.vitalsWindowClosed, topics.alertRaised, topics.batchProgressed].map(({ name }) => world.client.admin.stableOffsets(name)),
    );
  const before = await liveEnds();
  const job = await plan();
  const done = await runStageReplay(tools, job, options());
  const difference = await diffStage(tools, registry, done);

  expect(difference).toMatchObject({ equal: true, requeued: 0 });
  const [windows, alerts] = difference.outputs;
  expect(windows?.equal).toBeGreaterThanOrEqual(6 * 6 * 4);
  expect(alerts?.equal).toBeGreaterThanOrEqual(1);
  expect(done.state).toBe('done');
  // Nothing was written where alert-router or anybody else reads.
  expect(await liveEnds()).toEqual(before);
  const readByOthers = new Set(groupTopics().map(({ topic }) => topic));
  expect((await world.topics()).filter((name) => name.endsWith(job.jobId) && readByOthers.has(name))).toEqual([]);

  const { topics: gone, group } = await abandonReplay(tools, done);
  expect(group).toBe(`vitals-windowing.${job.jobId}`);
  expect(gone.length).toBeGreaterThan(5);
  await until(async () => (await world.topics()).every((name) => !name.includes(job.jobId)));
  expect((await tools.jobs.find(job.jobId)).state).toBe('abandoned');
  expect(await abandonReplay(tools, done)).toMatchObject({ topics: [], group: null });
}, 90_000);

test('other parameters show in the difference, masked, and a run that was killed is gone on with', async () => {
  // Like another call of the command: a client that knew topics which are gone by now would still ask for them.
  tools = { ...tools, client: world.connect() };
  const job = await plan({ VIGIL_WINDOW_SIZE_MS: '600000' }, 400);
  const killed = options({ untilMs: Date.now() + 1 });
  await expect(runStageReplay(tools, job, killed)).rejects.toMatchObject({ code: 'TIMED_OUT' });
  const left = await remainingOf(tools, job);
  expect(left).toBeGreaterThan(0);
  // What comes behind the plan's end is not read, however long the run goes on.
  await send(160, 170);
  const done = await runStageReplay(tools, await tools.jobs.find(job.jobId), options());
  expect(await remainingOf(tools, done)).toBe(0);
  const difference = await diffStage(tools, registry, done);

  expect(difference.equal).toBe(false);
  const [windows] = difference.outputs;
  expect(windows).toMatchObject({ fields: { sizeMs: windows?.changed } });
  expect(windows?.onlyOld).toBeGreaterThan(0);
  const text = JSON.stringify(difference);
  expect(text).not.toContain('t1.patient');
  expect(text).toContain('***');
  const ledger = await world.client.admin.committed(`vitals-windowing.${job.jobId}`, [source.name]);
  for (const { partition, untilOffset } of job.parts) {
    expect(ledger.find((position) => position.partition === partition)?.offset).toBe(untilOffset);
  }
  await abandonReplay(tools, done);
}, 90_000);

test('one patient up to a moment: equal to what the live stage told of that patient until then', async () => {
  tools = { ...tools, client: world.connect() };
  const between = Date.now();
  await new Promise((resolve) => void setTimeout(resolve, 20));
  await send(170, 180);
  const ends = await world.client.admin.stableOffsets(source.name);
  const ofOne = parseScope(source.name, { key: 't1.patient-0', untilTime: new Date(between).toISOString() });
  const { job, records } = await planStage(tools, 'vitals-windowing', ofOne, { rate: 1_000_000, settings: {} });
  expect(records).toBeLessThan(ends.reduce((sum, end) => sum + end, 0));
  const done = await runStageReplay(tools, job, options());
  const { outputs } = await diffStage(tools, registry, done);
  const [windows, alerts] = outputs;
  expect(windows).toMatchObject({ changed: 0, onlyOld: 0 });
  // Of one patient, whose six vitals had a window every five minutes.
  expect(windows?.equal).toBe(6 * Math.floor((windows?.equal ?? 0) / 6));
  expect(windows?.equal).toBeGreaterThanOrEqual(6 * 4);
  expect(windows?.equal).toBeLessThanOrEqual(6 * 6);
  expect(alerts?.equal).toBeGreaterThanOrEqual(1);
  await expect(cutOverStage(tools, done, { ...options(), pages: false })).rejects.toMatchObject({ code: 'REPLAY_UNSUPPORTED' });
  await abandonReplay(tools, done);
}, 90_000);

test('what cannot be replayed beside the live stage is refused with the reason', async () => {
  const refused = (name: string, given: Parameters<typeof parseScope>[1], topic = source.name) =>
    planStage(tools, name, parseScope(topic, given), { rate: 1, settings: {} });
  await expect(refused('alert-router', {})).rejects.toMatchObject({ code: 'REPLAY_UNSUPPORTED' });
  await expect(refused('vitals-windowing', {}, topics.patientChanged.name)).rejects.toMatchObject({ code: 'REPLAY_UNSUPPORTED' });
  await expect(refused('vitals-windowing', { partition: '0' })).rejects.toMatchObject({ code: 'REPLAY_UNSUPPORTED' });
  await expect(refused('vitals-windowing', { fromTime: '2099-01-01T00:00:00Z' })).rejects.toMatchObject({ code: 'BAD_USAGE' });
});
