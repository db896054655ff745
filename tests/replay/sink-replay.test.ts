import { isDeepStrictEqual } from 'node:util';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { dlqTopicOf, retryTopicOf, topics } from '@vigil/contracts';
import { createMemoryRegistry, createValueEncoder, runSink, type Stage } from '@vigil/kafka';
import { createReplayJobs, readPositions, replayableSink } from '@vigil/postgres';
import { createTestDatabase, type TestDatabase } from '@vigil/testing';
import { abandonReplay } from '../../packages/cli/src/replay/abandon-replay.ts';
import { diffSink } from '../../packages/cli/src/replay/diff-sink.ts';
import { planSink } from '../../packages/cli/src/replay/plan-sink.ts';
import { createSinkPace, leastBytesPerSecond } from '../../packages/cli/src/replay/pace-sink.ts';
import { parseScope } from '../../packages/cli/src/replay/replay-scope.ts';
import { runSinkReplay, type RunOptions } from '../../packages/cli/src/replay/run-sink.ts';
import type { ReplayTools } from '../../packages/cli/src/replay/with-replay.ts';
import { createWarehouseSink, warehouseSpec } from '../../services/warehouse-loader/src/adapters/warehouse/create-warehouse-sink.ts';
import { aDeidReading } from '../../services/warehouse-loader/src/fixtures/records.ts';
import { openWorld, until, type World } from './world.ts';

const sink = 'warehouse-loader.warehouse';
const topic = topics.deidReadingAccepted;
const registry = createMemoryRegistry();

let world: World;
let jobsDatabase: TestDatabase;
let warehouse: TestDatabase;
let tools: ReplayTools;
let loader: Stage;

const start = (): Promise<Stage> =>
  runSink(warehouseSpec, { client: world.connect(), registry, target: createWarehouseSink(warehouse.pool).target });

async function send(from: number, count: number): Promise<void> {
  const encode = createValueEncoder(topic.schema, registry.register(topic.schema));
  const producer = await world.client.openIdempotentProducer();
  await producer.send(
    Array.from({ length: count }, (_, index) => ({
      topic: topic.name,
      partition: index % 2,
      key: Buffer.from('d1.alice'),
      value: encode(aDeidReading(from + index)),
      headers: [],
      timestamp: 1_700_000_000_000 + from + index,
    })),
  );
  await producer.close();
}

async function isLoaded(): Promise<boolean> {
  const ends = await world.client.admin.stableOffsets(topic.name);
  const positions = await readPositions(warehouse.pool, sink);
  return ends.every((end, partition) =>
    positions.some((at) => at.topic === topic.name && at.partition === partition && at.nextOffset === end),
  );
}

const options = (changed: Partial<RunOptions> = {}): RunOptions => ({
  progress: () => undefined,
  nowMs: () => Date.now(),
  untilMs: Date.now() + 60_000,
  liveLagSeconds: () => Promise.resolve(0),
  yieldSeconds: 10,
  ...changed,
});

/** Its records are years old: with a retention the broker would delete them in the middle of a test. */
const keptForever = { 'retention.ms': '-1' };

beforeAll(async () => {
  [world, jobsDatabase, warehouse] = await Promise.all([
    openWorld('sink-replay'),
    createTestDatabase('vigil'),
    createTestDatabase('vigil_warehouse'),
  ]);
  tools = { ...world, jobs: createReplayJobs(jobsDatabase.pool), poolOf: () => warehouse.pool };
  const names = warehouseSpec.sources.flatMap(({ topic: { name } }) => [name, dlqTopicOf(name, sink), retryTopicOf(name, sink)]);
  const created = [...names, topics.batchProgressed.name].map((name) => ({
    name,
    partitions: 2,
    replicationFactor: 1,
    config: keptForever,
  }));
  await world.client.admin.createTopics(created);
  loader = await start();
  await send(0, 600);
  await until(isLoaded);
}, 120_000);

afterAll(async () => {
  await loader?.drain({ withinMs: 10_000 });
  await world?.close();
  await Promise.all([jobsDatabase?.drop(), warehouse?.drop()]);
}, 60_000);

test('rows are deleted and loaded again, and are the same rows', async () => {
  const { job, records, rows, estimatedSeconds } = await planSink(tools, sink, parseScope(topic.name, {}), 100);
  expect({ records, rows, estimatedSeconds }).toEqual({ records: 600, rows: 600, estimatedSeconds: 6 });
  const [waits, lines]: [number[], string[]] = [[20, 0, 0], []];
  const done = await runSinkReplay(
    tools,
    job,
    options({ liveLagSeconds: async () => waits.shift() ?? 0, progress: (line) => lines.push(line) }),
  );

  expect(done).toMatchObject({ state: 'done', parts: [{ state: 'done' }, { state: 'done' }] });
  expect(await diffSink(tools, done)).toMatchObject({
    equal: true,
    parts: [
      { rowsBefore: 300, rowsNow: 300 },
      { rowsBefore: 300, rowsNow: 300 },
    ],
  });
  expect(lines[0]).toBe('waits: live stages are 20.0 s behind');
  expect(await runSinkReplay(tools, done, options())).toMatchObject({ state: 'done' });
  await expect(abandonReplay(tools, done)).rejects.toMatchObject({ code: 'BAD_USAGE' });
}, 60_000);

test('a replay that was killed midway is gone on with, and still knows what the rows were', async () => {
  const { job } = await planSink(tools, sink, parseScope(topic.name, { partition: '1', fromOffset: '100' }), 100);
  await loader.drain({ withinMs: 10_000 });
  await expect(runSinkReplay(tools, job, options({ untilMs: Date.now() + 1000 }))).rejects.toMatchObject({ code: 'TIMED_OUT' });
  const half = await tools.jobs.find(job.jobId);
  expect(half).toMatchObject({ state: 'running', parts: [{ state: 'rewound', before: { rows: 200 } }] });
  expect(await diffSink(tools, half)).toMatchObject({ equal: false, parts: [{ rowsBefore: 200, rowsNow: 0, equal: false }] });

  // Killed before it could note that it had rewound: it rewinds once more and compares with the rows of before.
  await tools.jobs.changePart(job.jobId, half.parts[0]!, { state: 'planned' });
  loader = await start();
  const done = await runSinkReplay(tools, await tools.jobs.find(job.jobId), options());
  expect(await diffSink(tools, done)).toMatchObject({ equal: true, parts: [{ rowsBefore: 200, rowsNow: 200, equal: true }] });
}, 60_000);

test('what retention has taken since the plan is not deleted, too', async () => {
  const { job } = await planSink(tools, sink, parseScope(topic.name, { partition: '0' }), 100);
  const gone = { ...tools, client: { ...tools.client, admin: { ...tools.client.admin, startOffsets: async () => [50, 0] } } };
  await expect(runSinkReplay(gone, job, options())).rejects.toMatchObject({ code: 'REPLAY_RANGE_GONE' });
  const { rows } = await warehouse.pool.query('SELECT FROM warehouse.fact_vital_reading WHERE src_topic = $1 AND src_partition = 0', [
    topic.name,
  ]);
  expect(rows).toHaveLength(300);
}, 60_000);

test('the broker bounds what the loader reads while it loads again, more while live stages are behind, and no more afterwards', async () => {
  const own = world.connect(sink);
  await loader.drain({ withinMs: 10_000 });
  loader = await runSink(warehouseSpec, { client: own, registry, target: createWarehouseSink(warehouse.pool).target });
  const limits = async () => (await world.quotas.list()).filter(({ clientId }) => clientId === sink).map(({ values }) => values);
  // A broker tells of a change once it has read of it in the metadata log.
  const isUnbounded = async (): Promise<boolean> => (await limits()).length === 0;
  const { job } = await planSink(tools, sink, parseScope(topic.name, {}), 20_000);
  const seen: Record<string, number>[] = [];
  const liveLagSeconds = async (): Promise<number> => {
    seen.push(...(await limits()));
    return 0;
  };
  const done = await runSinkReplay(tools, job, options({ liveLagSeconds }));
  expect(await diffSink(tools, done)).toMatchObject({ equal: true });
  // Twenty thousand records a second, of some hundred bytes each.
  for (const { consumer_byte_rate: rate = 0 } of seen) {
    expect(rate).toBeGreaterThan(20_000 * 50);
    expect(rate).toBeLessThan(20_000 * 2_000);
  }
  expect(seen.length).toBeGreaterThan(0);
  await until(isUnbounded);

  const pace = createSinkPace({ quotas: world.quotas, clientId: sink, bytesPerSecond: 10_000_000, yieldSeconds: 1 });
  for (const [lag, rate] of [
    [5, 500_000],
    [5, 500_000],
    [0.5, 10_000_000],
  ] as const) {
    await pace.keep(lag);
    await until(async () => isDeepStrictEqual(await limits(), [{ consumer_byte_rate: rate }]));
  }
  const slow = createSinkPace({ quotas: world.quotas, clientId: sink, bytesPerSecond: 1_000, yieldSeconds: 1 });
  await slow.keep(0);
  await until(async () => isDeepStrictEqual(await limits(), [{ consumer_byte_rate: leastBytesPerSecond }]));
  // As after a command that was killed.
  await abandonReplay(tools, (await planSink(tools, sink, parseScope(topic.name, {}), 100)).job);
  await until(isUnbounded);
}, 90_000);

test('a row that changed meanwhile shows in the difference', async () => {
  const { job } = await planSink(tools, sink, parseScope(topic.name, { fromTime: new Date(1_700_000_000_500).toISOString() }), 100);
  expect(job.parts.map(({ fromOffset }) => fromOffset)).toEqual([250, 250]);
  expect(await diffSink(tools, job)).toMatchObject({ equal: false, parts: [{ equal: null }, { equal: null }] });
  await warehouse.pool.query('UPDATE warehouse.fact_vital_reading SET heart_rate = 1 WHERE src_partition = 0 AND src_offset = 260');
  const done = await runSinkReplay(tools, job, options());
  // Loading again put the right value back: that is not what was there before.
  expect(await diffSink(tools, done)).toMatchObject({ equal: false, parts: [{ equal: false }, { equal: true }] });
}, 60_000);

test('one process works on a replay, and an abandoned one stays as it is', async () => {
  const { job } = await planSink(tools, sink, parseScope(topic.name, {}), 100);
  await tools.jobs.exclusively(job.jobId, async () => {
    await expect(tools.jobs.exclusively(job.jobId, async () => 1)).rejects.toMatchObject({ code: 'BAD_USAGE' });
  });
  // Free again as soon as it is done, not when the server notices that a connection ended.
  for (let turn = 0; turn < 20; turn++) expect(await tools.jobs.exclusively(job.jobId, async () => turn)).toBe(turn);
  expect(await abandonReplay(tools, job)).toEqual({ jobId: job.jobId, topics: [], group: null });
  expect((await tools.jobs.list()).find(({ jobId }) => jobId === job.jobId)?.state).toBe('abandoned');
  await expect(tools.jobs.find('r00000000')).rejects.toMatchObject({ code: 'BAD_USAGE' });
});

test('what a sink cannot take back is refused with the reason', async () => {
  const plan = (name: string, of: string, flags: Parameters<typeof parseScope>[1] = {}) => planSink(tools, name, parseScope(of, flags), 1);
  await expect(plan('warehouse-loader.lake', topic.name)).rejects.toMatchObject({ code: 'REPLAY_UNSUPPORTED' });
  await expect(plan('nobody', topic.name)).rejects.toMatchObject({ code: 'REPLAY_UNSUPPORTED' });
  await expect(plan(sink, topics.deidPatientChanged.name)).rejects.toMatchObject({ code: 'REPLAY_UNSUPPORTED' });
  await expect(plan(sink, topic.name, { partition: '9' })).rejects.toMatchObject({ code: 'BAD_USAGE' });
  await expect(plan(sink, topic.name, { partition: '0', fromOffset: '99999' })).rejects.toMatchObject({ code: 'BAD_USAGE' });
  await expect(plan(sink, topic.name, { key: 'k1.a' })).rejects.toMatchObject({ code: 'REPLAY_UNSUPPORTED' });
  await expect(plan(sink, topic.name, { untilTime: '1m' })).rejects.toMatchObject({ code: 'REPLAY_UNSUPPORTED' });
  await expect(plan(sink, retryTopicOf(topic.name, sink))).rejects.toMatchObject({ code: 'BAD_USAGE' });
  const gone = { ...tools, client: { ...tools.client, admin: { ...tools.client.admin, startOffsets: async () => [50, 50] } } };
  await expect(planSink(gone, sink, parseScope(topic.name, { partition: '0', fromOffset: '10' }), 1)).rejects.toMatchObject({
    code: 'REPLAY_RANGE_GONE',
  });
  await expect(planSink(tools, sink, parseScope('no.such.topic', {}), 1)).rejects.toMatchObject({ code: 'REPLAY_UNSUPPORTED' });
  expect(replayableSink('warehouse-loader.operational').tables.map(([{ name }]) => name)).toEqual([
    topics.vitalsReadingAccepted.name,
    topics.claimAdjudicated.name,
  ]);
});
