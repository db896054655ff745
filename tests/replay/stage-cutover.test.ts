import { afterAll, beforeAll, expect, test } from '@jest/globals';
import {
  allTopics,
  retryTopicOf,
  topics,
  type AlertRaised,
  type BatchProgressed,
  type ReadingAccepted,
  type Topic,
  type WindowClosed,
} from '@vigil/contracts';
import { systemClock } from '@vigil/core';
import {
  adoptRun as adoptState,
  createMemoryRegistry,
  createValueDecoder,
  createValueEncoder,
  partitionOf,
  readWhole,
  runTopology,
  type KafkaClient,
  type Stage,
} from '@vigil/kafka';
import { createReplayJobs } from '@vigil/postgres';
import { besideLive } from '@vigil/runtime';
import { createTestDatabase, type TestDatabase } from '@vigil/testing';
import { abandonReplay } from '../../packages/cli/src/replay/abandon-replay.ts';
import { cutOverStage, type CutoverOptions } from '../../packages/cli/src/replay/cutover-stage.ts';
import { planStage } from '../../packages/cli/src/replay/plan-stage.ts';
import { parseScope } from '../../packages/cli/src/replay/replay-scope.ts';
import { runStageReplay, type StageProcess } from '../../packages/cli/src/replay/run-stage.ts';
import type { ReplayTools } from '../../packages/cli/src/replay/with-replay.ts';
import { adoptRun } from '../../services/vitals-windowing/src/handlers/adopt-run.ts';
import { createTopology } from '../../services/vitals-windowing/src/topology.ts';
import { aReading, healthy, tenOClock } from '../../services/vitals-windowing/test-support/a-reading.ts';
import { rulesWith, settingsOf } from '../../services/vitals-windowing/test-support/test-rules.ts';
import { openWorld, until, type World } from './world.ts';

const partitions = 2;
const name = 'vitals-windowing';
const source = topics.vitalsReadingAccepted;
const registry = createMemoryRegistry();
/** A heart rate must come far inside its limit to clear; a systolic pressure may break its limit for long. */
const liveRules = { VIGIL_ALARM_HYSTERESIS: 'heart_rate=30', VIGIL_ALARM_DELAY_MS: 'systolic=3600000' };
const runRules = { VIGIL_ALARM_DELAY_MS: 'heart_rate=30000' };

let world: World;
let database: TestDatabase;
let tools: ReplayTools;

/** Every ten seconds a reading of six patients: one stays critical, one recovers a little, one loses pressure, three are well. */
async function send(from: number, to: number): Promise<void> {
  const encode = createValueEncoder(source.schema, registry.register(source.schema));
  const readings = Array.from({ length: (to - from) * 6 }, (_, index): ReadingAccepted => {
    const [patient, number] = [index % 6, from + Math.floor(index / 6)];
    const vitals = [
      number >= 60 && number < 130 ? { heartRate: 30 } : {},
      number >= 40 && number < 130 ? { heartRate: number < 60 ? 30 : 65 } : {},
      number >= 70 && number < 120 ? { systolic: 60 } : {},
    ][patient];
    return aReading({ ...healthy, ...vitals, patientToken: `t1.patient-${patient}`, at: tenOClock + number * 10_000 + patient });
  });
  const records = readings.map((reading) => {
    const key = Buffer.from(reading.patientToken);
    return { topic: source.name, partition: partitionOf(key, partitions), key, value: encode(reading), headers: [], timestamp: null };
  });
  const producer = await world.client.openIdempotentProducer();
  await producer.send(records);
  await producer.close();
}

async function startLive(environment: Record<string, string>): Promise<Stage> {
  return runTopology(createTopology(rulesWith(environment)), { client: world.connect(), registry });
}

async function untilRead(stage: Stage): Promise<void> {
  const ends = await world.client.admin.stableOffsets(source.name);
  await until(() =>
    ends.every((end, partition) =>
      stage.health().partitions.some((place) => place.topic === source.name && place.partition === partition && place.committed >= end),
    ),
  );
}

const ended = (work: Promise<unknown>): Promise<string> => work.then(() => '0', (error: unknown) => String(error)); // prettier-ignore

/** The program of the stage as the commands start it, in this process: a run, or the cutover. */
function launch(environment: Readonly<Record<string, string>>): StageProcess {
  const settings = settingsOf(environment);
  const rules = rulesWith(environment);
  const client = world.connect();
  if (settings.cutoverRun !== undefined) {
    const adoption = adoptRun(rules, { pages: settings.cutoverPages, wholeFromMs: settings.cutoverWholeFromMs ?? -Infinity });
    const work = adoptState(createTopology(rules), adoption, { client, registry, clock: systemClock, runId: settings.cutoverRun });
    return { ended: ended(work), stop: async () => void (await work.catch(() => undefined)) };
  }
  const own: KafkaClient = besideLive(client, name, settings, systemClock);
  const stage = runTopology(createTopology(rules), { client: own, registry });
  return { ended: ended(stage.then(({ finished }) => finished)), stop: async () => void (await (await stage).drain({ withinMs: 10_000 })) };
}

const options = (changed: Partial<CutoverOptions> = {}) => ({
  launch,
  replicationFactor: 1,
  flushMs: 0,
  progress: () => undefined,
  nowMs: () => Date.now(),
  untilMs: Date.now() + 60_000,
  yieldSeconds: 0,
  pages: false,
  ...changed,
});

async function read<Value>(topic: Topic<Value>): Promise<Value[]> {
  const found: Value[] = [];
  await registry.schemaOf(registry.register(topic.schema));
  const decode = createValueDecoder(topic.schema, registry);
  const places = Array.from({ length: partitions }, (_, partition) => ({ topic: topic.name, partition }));
  await readWhole({
    client: world.client,
    places,
    pollMs: 100,
    onRecord: (_, { value }) => void found.push(decode(value as Buffer) as Value),
  });
  return found;
}

const summaryOf = (alerts: readonly AlertRaised[]): string[] =>
  alerts
    .map(({ patientToken, change, rule, vital, historic }) => [patientToken, change, rule, vital, historic ? 'historic' : 'live'].join(' '))
    .sort();

const planned = async (environment: Record<string, string>) =>
  (await planStage(tools, name, parseScope(source.name, {}), { rate: 1_000_000, settings: environment })).job;

beforeAll(async () => {
  [world, database] = await Promise.all([openWorld('stage-cutover'), createTestDatabase('vigil')]);
  tools = { ...world, jobs: createReplayJobs(database.pool), poolOf: () => database.pool };
  const needed = allTopics({ chainPartitions: partitions, replicationFactor: 1 }).filter(
    (spec) => spec.group === name || (spec.group === null && /^(vitals|patients|alerts|lineage)/.test(spec.topic?.name ?? spec.name)),
  );
  await world.client.admin.createTopics(needed.map((spec) => ({ name: spec.name, partitions, replicationFactor: 1, config: spec.config })));
}, 120_000);

afterAll(async () => {
  await world?.close();
  await database?.drop();
}, 60_000);

test('a run takes the place of the live stage while readings come, and the ledger balances', async () => {
  let live = await startLive(liveRules);
  await send(0, 100);
  await untilRead(live);
  const job = await planned(runRules);
  await expect(cutOverStage(tools, job, options())).rejects.toMatchObject({ code: 'BAD_USAGE' });
  const done = await runStageReplay(tools, job, options());

  // Readings come on; the live stage is stopped when the command asks for it, and not before.
  await send(100, 110);
  await untilRead(live);
  const asked: string[] = [];
  const progress = (line: string): void => {
    asked.push(line);
    if (line.includes('stop vitals-windowing now')) void live.drain({ withinMs: 10_000 });
  };
  const dying = (environment: Readonly<Record<string, string>>): StageProcess =>
    environment['VIGIL_CUTOVER_RUN'] ? { ended: Promise.resolve('SIGKILL'), stop: () => Promise.resolve() } : launch(environment);
  await expect(cutOverStage(tools, done, options({ progress, launch: dying }))).rejects.toMatchObject({ code: 'PART_FAILED' });
  expect(asked.join('\n')).toContain('stop vitals-windowing now');
  const known = await read(topics.alertRaised);

  // Killed there it is gone on with.
  const left = await tools.jobs.find(job.jobId);
  expect(left.state).toBe('cutting-over');
  expect(await cutOverStage(tools, left, options())).toMatchObject({ state: 'cut-over' });
  const ends = new Set(known.map(({ alertId, change }) => alertId + change));
  const told = (await read(topics.alertRaised)).filter(({ alertId, change }) => !ends.has(alertId + change));
  expect(summaryOf(told)).toEqual(['t1.patient-1 cleared limit-low heart_rate live', 't1.patient-2 raised limit-low systolic historic']);
  await until(async () => (await world.topics()).every((topic) => !topic.includes(job.jobId)));
  expect(await cutOverStage(tools, await tools.jobs.find(job.jobId), options())).toMatchObject({ state: 'cut-over' });
  await expect(abandonReplay(tools, await tools.jobs.find(job.jobId))).rejects.toMatchObject({ code: 'BAD_USAGE' });

  // The stage goes on with the new rules from the adopted state.
  live = await startLive(runRules);
  await send(110, 160);
  await untilRead(live);
  await live.drain({ withinMs: 10_000 });
  await until(async () => {
    const alerts = await read(topics.alertRaised);
    return alerts.filter(({ change }) => change === 'raised').length === alerts.filter(({ change }) => change === 'cleared').length;
  });
  const alerts = await read(topics.alertRaised);
  expect(new Set(alerts.map(({ alertId, change }) => alertId + change)).size).toBe(alerts.length);
  expect(summaryOf(alerts)).toContain('t1.patient-2 raised limit-low systolic live');
  const windows: WindowClosed[] = await read(topics.vitalsWindowClosed);
  expect(new Set(windows.map(({ windowId, vital, revision }) => `${windowId} ${vital} ${revision}`)).size).toBe(windows.length);

  const rows: BatchProgressed[] = await read(topics.batchProgressed);
  const written = (topic: string): number => rows.reduce((sum, { outputs }) => sum + (outputs[topic] ?? 0), 0);
  expect(written(topics.alertRaised.name)).toBe(alerts.length);
  expect(written(topics.vitalsWindowClosed.name)).toBe(windows.length);
  const consumed = rows.filter(({ topic }) => topic === source.name).reduce((sum, row) => sum + row.consumed, 0);
  expect(consumed).toBe(160 * 6);
}, 180_000);

test('what does not end in time, and a program that dies, is told so and can be gone on with', async () => {
  tools = { ...tools, client: world.connect() };
  const done = await runStageReplay(tools, await planned(runRules), options());
  const live = await startLive(runRules);
  await send(160, 161);
  await untilRead(live);
  const dying = (): StageProcess => ({ ended: Promise.resolve('1'), stop: () => Promise.resolve() });
  await expect(cutOverStage(tools, done, options({ launch: dying }))).rejects.toMatchObject({ code: 'PART_FAILED' });
  await expect(cutOverStage(tools, done, options({ launch: null, untilMs: 0 }))).rejects.toMatchObject({ code: 'TIMED_OUT' });
  // Caught up, but nobody stops the live stage.
  await expect(cutOverStage(tools, done, options({ untilMs: Date.now() + 8_000 }))).rejects.toMatchObject({ code: 'TIMED_OUT' });
  await live.drain({ withinMs: 10_000 });
  // Nothing was written yet: the run can still be given up.
  expect(await abandonReplay(tools, await tools.jobs.find(done.jobId))).toMatchObject({ group: `${name}.${done.jobId}` });
}, 120_000);

test('what would lose a requeued record, or records that the run is ahead of, is refused', async () => {
  tools = { ...tools, client: world.connect() };
  const job = await planned(runRules);
  const done = await runStageReplay(tools, job, options());
  const retries = retryTopicOf(source.name, name);
  const before = await world.client.admin.committed(name, [source.name]);
  const back = before.map(({ topic, partition, offset, metadata }) => ({ topic, partition, offset: (offset ?? 0) - 5, metadata }));
  await world.client.admin.commitPositions(name, back);
  await expect(cutOverStage(tools, done, options())).rejects.toMatchObject({ code: 'CUTOVER_REFUSED' });
  const at = before.map(({ topic, partition, offset, metadata }) => ({ topic, partition, offset: offset ?? 0, metadata }));
  await world.client.admin.commitPositions(name, at);

  const producer = await world.client.openIdempotentProducer();
  await producer.send([{ topic: retries, partition: 0, key: null, value: Buffer.from('x'), headers: [], timestamp: null }]);
  await producer.close();
  await world.client.admin.commitPositions(name, [{ topic: retries, partition: 0, offset: 1, metadata: '' }]);
  await expect(cutOverStage(tools, done, options())).rejects.toMatchObject({ code: 'CUTOVER_REFUSED' });
  await abandonReplay(tools, done);
}, 120_000);
