// What the orchestrator and a worker cost, through real Kafka and PostgreSQL, with tasks that do nothing: latency of a flow of
// three steps, durable tasks a second, many runs at once, and how soon the work of a dead worker is handed out again.
// node load-tests/workflows/run-bench.ts [flows] [tasks] [runs at once]
import { randomBytes, randomUUID } from 'node:crypto';
import { systemClock } from '@vigil/core';
import { createKafkaClient, createRegistry } from '@vigil/kafka';
import { createPool } from '@vigil/postgres';
import { startStack } from '@vigil/stack';
import { createTestDatabase, namespaced } from '@vigil/testing';
import { runTopics, startRunHarness } from '../../services/orchestrator/fixtures/run-harness.ts';
import { startWorker, type WorkerParts } from '../../services/orchestrator/src/worker/start-worker.ts';

const [flows = 60, tasks = 6000, atOnce = 1000] = process.argv.slice(2).map(Number);
const perRun = 30;

const step = (name: string, after?: string): string =>
  `  - {name: ${name}, type: business_logic, function: nothing${after === undefined ? '' : `, depends_on: [${after}]`}}`;
const flowOf = (name: string): string => `name: ${name}\ntasks:\n${[step('one'), step('two', 'one'), step('three', 'two')].join('\n')}\n`;
const chains = `name: many_steps\ntasks:\n${Array.from({ length: perRun }, (_, n) => step(`t${n}`, n % 3 === 0 ? undefined : `t${n - 1}`)).join('\n')}\n`;

const quantile = (values: readonly number[], share: number): number =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length * share)] ?? 0;
async function until(what: string, holds: () => Promise<boolean>, everyMs = 10): Promise<void> {
  for (const endsAt = Date.now() + 180_000; Date.now() < endsAt; await new Promise((resolve) => setTimeout(resolve, everyMs)))
    if (await holds()) return;
  throw new Error(`Not within three minutes: ${what}.`);
}

const { env } = await startStack();
const database = await createTestDatabase('vigil');
const prefix = `runs-${randomBytes(4).toString('hex')}.`;
const connect = () => namespaced(createKafkaClient({ brokers: env.kafkaBrokers.split(','), clientId: 'run-bench' }), prefix);
const registry = createRegistry({ url: env.schemaRegistryUrl });
const admin = connect();
await admin.admin.createTopics(runTopics.map((name) => ({ name, partitions: 4, replicationFactor: 1, config: {} })));
await admin.close();
const harness = await startRunHarness({ databaseUrl: database.url, connect, registry, slots: 200, worker: null });
for (const text of [flowOf('three_steps'), flowOf('orphaned'), chains]) await harness.definitions.deploy(text, 'bench');
await until('reports are followed', async () => harness.reports.health().drained);

const newRun = (workflow: string) => ({ runId: randomUUID(), workflow, version: null, trigger: 'api', requestedBy: 'bench' }) as const;
const openRuns = async (workflow: string): Promise<number> =>
  (
    await harness.query<{ n: number }>('SELECT count(*)::int AS n FROM orchestration.run WHERE workflow = $1 AND ended_at IS NULL', [
      workflow,
    ])
  )[0]?.n ?? 0;
const requestMany = async (workflow: string, count: number, atATime: number): Promise<void> => {
  for (let n = 0; n < count; n += atATime)
    await harness.runs.request(Array.from({ length: Math.min(atATime, count - n) }, () => newRun(workflow)));
};

const pool = createPool({ url: database.url, applicationName: 'run-bench worker', role: 'vigil_worker' });
const silent = new Proxy({}, { get: () => () => undefined });
type Worked = Pick<WorkerParts, 'client' | 'find' | 'fail' | 'onClose'>;
const startReal = (worked: Worked): Promise<void> =>
  startWorker({
    pools: ['default'],
    settings: { atOnce: 1000, abortGraceMs: 5000, sessionTimeoutMs: 6000, shutdownMs: 5000 },
    registry,
    database: pool,
    clock: systemClock,
    log: silent as WorkerParts['log'],
    spans: null,
    events: silent as WorkerParts['events'],
    health: { watch: () => undefined } as unknown as WorkerParts['health'],
    ...worked,
  });

// A worker that takes a task, says that it began, and whose connections are cut in the middle of it.
const cut = connect();
await startReal({
  client: cut,
  find: () => ({ run: () => new Promise(() => undefined) }),
  fail: () => undefined,
  onClose: () => undefined,
});
await harness.runs.request([newRun('orphaned')]);
await until(
  'the task is under way',
  async () => (await harness.query("SELECT FROM orchestration.task_run WHERE state = 'running'")).length === 1,
);
await cut.close();
const diedMs = Date.now();

const closing: (() => unknown)[] = [];
await startReal({
  client: connect(),
  find: () => ({ run: async () => ({ counts: { read: 1 }, values: {}, ref: null }) }),
  onClose: (_name, close) => void closing.push(close),
  fail: (error) => {
    throw error;
  },
});
await until('the orphaned task is handed out again', async () => (await openRuns('orphaned')) === 0);
const [orphan] = await harness.query<{ ms: number }>(
  `SELECT extract(epoch FROM requested_at)::float8 * 1000 AS ms FROM orchestration.task_run WHERE workflow = 'orphaned' AND task = 'one'`,
);

const latencies: number[] = [];
for (let n = 0; n < flows + 5; n++) {
  const run = newRun('three_steps');
  await harness.runs.request([run]);
  await until('a flow ends', async () => (await openRuns('three_steps')) === 0);
  const [row] = await harness.query<{ ms: number }>(
    'SELECT extract(epoch FROM ended_at - created_at)::float8 * 1000 AS ms FROM orchestration.run WHERE run_id = $1',
    [run.runId],
  );
  if (n >= 5) latencies.push(row?.ms ?? 0);
}

const cpuBefore = process.cpuUsage();
const startedMs = performance.now();
const count = Math.ceil(tasks / perRun);
await requestMany('many_steps', count, 20);
await until('the tasks end', async () => (await openRuns('many_steps')) === 0, 50);
const seconds = (performance.now() - startedMs) / 1000;
const cpu = process.cpuUsage(cpuBefore);

const concurrentMs = performance.now();
await requestMany('three_steps', atOnce, 200);
const mostOpen = await openRuns('three_steps');
await until('the runs end', async () => (await openRuns('three_steps')) === 0, 50);

process.stdout.write(
  `${JSON.stringify({
    flowMs: { flows: latencies.length, median: quantile(latencies, 0.5), p99: quantile(latencies, 0.99) },
    tasks: count * perRun,
    tasksPerSecond: Math.round((count * perRun) / seconds),
    cpuSecondsOfOrchestratorAndWorker: (cpu.user + cpu.system) / 1e6,
    atOnce: { runs: atOnce, openTogether: mostOpen, seconds: (performance.now() - concurrentMs) / 1000 },
    deadWorkerToRequestedAgainMs: Math.round((orphan?.ms ?? 0) - diedMs),
    fatal: harness.fatal.length,
  })}\n`,
);
for (const error of harness.fatal) process.stderr.write(`${String((error as Error).stack)}\n`);
for (const close of closing.toReversed()) await close();
await harness.stop();
await pool.end();
await database.drop();
process.exit(0);
