// Durable tasks a second and the latency of a flow of three steps, with a worker that answers at once: what the orchestrator
// itself costs. node load-tests/workflows/run-bench.ts [flows] [tasks]
import { randomBytes, randomUUID } from 'node:crypto';
import { createKafkaClient } from '@vigil/kafka';
import { startStack } from '@vigil/stack';
import { createTestDatabase, namespaced } from '@vigil/testing';
import { runTopics, startRunHarness, until } from '../../services/orchestrator/fixtures/run-harness.ts';

const [flows = 60, tasks = 6000] = process.argv.slice(2).map(Number);
const perRun = 30;

const flow = `
name: three_steps
tasks:
  - {name: one, type: business_logic, function: nothing}
  - {name: two, type: business_logic, function: nothing, depends_on: [one]}
  - {name: three, type: business_logic, function: nothing, depends_on: [two]}
`;
const chains = `
name: many_steps
tasks:
${Array.from({ length: perRun }, (_, n) => `  - {name: t${n}, type: business_logic, function: nothing${n % 3 === 0 ? '' : `, depends_on: [t${n - 1}]`}}`).join('\n')}
`;

const quantile = (values: readonly number[], share: number): number =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length * share)] ?? 0;

const { env } = await startStack();
const database = await createTestDatabase('vigil');
const prefix = `runs-${randomBytes(4).toString('hex')}.`;
const connect = () => namespaced(createKafkaClient({ brokers: env.kafkaBrokers.split(','), clientId: 'run-bench' }), prefix);
const admin = connect();
await admin.admin.createTopics(runTopics.map((name) => ({ name, partitions: 4, replicationFactor: 1, config: {} })));
await admin.close();
const harness = await startRunHarness({ databaseUrl: database.url, connect, slots: 200 });
await harness.definitions.deploy(flow, 'bench');
await harness.definitions.deploy(chains, 'bench');
await until(() => harness.reports.health().drained);

const newRun = (workflow: string) => ({ runId: randomUUID(), workflow, version: null, trigger: 'api', requestedBy: 'bench' }) as const;
const isOver = async (runId: string): Promise<boolean> =>
  (await harness.query('SELECT FROM orchestration.run WHERE run_id = $1 AND ended_at IS NOT NULL', [runId])).length === 1;

const latencies: number[] = [];
for (let n = 0; n < flows + 5; n++) {
  const run = newRun('three_steps');
  await harness.runs.request([run]);
  await until(() => isOver(run.runId));
  const [row] = await harness.query<{ ms: number }>(
    'SELECT extract(epoch FROM ended_at - created_at)::float8 * 1000 AS ms FROM orchestration.run WHERE run_id = $1',
    [run.runId],
  );
  if (n >= 5) latencies.push(row?.ms ?? 0);
}

const [parts] = await harness.query(`SELECT avg(extract(epoch FROM requested_at - queued_at) * 1000)::float8 AS "queuedMs",
  avg(extract(epoch FROM started_at - requested_at) * 1000)::float8 AS "toStartedMs", avg(extract(epoch FROM ended_at - started_at) * 1000)::float8 AS "toEndedMs"
  FROM orchestration.task_run WHERE workflow = 'three_steps'`);

const cpuBefore = process.cpuUsage();
const startedMs = performance.now();
const count = Math.ceil(tasks / perRun);
for (let n = 0; n < count; n += 20) await harness.runs.request(Array.from({ length: Math.min(20, count - n) }, () => newRun('many_steps')));
await until(
  async () =>
    (await harness.query("SELECT FROM orchestration.run WHERE workflow = 'many_steps' AND ended_at IS NULL LIMIT 1")).length === 0,
);
const seconds = (performance.now() - startedMs) / 1000;
const cpu = process.cpuUsage(cpuBefore);
const [steps] = await harness.query<{ n: number }>("SELECT sum(seq)::int AS n FROM orchestration.run WHERE workflow = 'many_steps'");

process.stdout.write(
  `${JSON.stringify({
    flowMs: { median: quantile(latencies, 0.5), p99: quantile(latencies, 0.99), stepMeans: parts },
    tasks: count * perRun,
    seconds,
    tasksPerSecond: Math.round((count * perRun) / seconds),
    stepsPerSecond: Math.round((steps?.n ?? 0) / seconds),
    cpuSecondsOfOrchestratorAndWorker: (cpu.user + cpu.system) / 1e6,
    fatal: harness.fatal.length,
  })}\n`,
);
for (const { event, facts } of harness.told) if (event === 'runsTroubled') process.stderr.write(`${event} ${JSON.stringify(facts)}\n`);
for (const error of harness.fatal) process.stderr.write(`${String((error as Error).stack)}\n`);
await harness.stop();
await database.drop();
