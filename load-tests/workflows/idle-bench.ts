// What the engine of runs costs while nothing happens, on real Kafka and PostgreSQL: CPU of the process and transactions a
// second; then the same with parts that wait for a worker that does not come.
// node load-tests/workflows/idle-bench.ts [seconds] [parts that wait]
import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { createKafkaClient, createRegistry } from '@vigil/kafka';
import { startStack } from '@vigil/stack';
import { createTestDatabase, namespaced } from '@vigil/testing';
import { aRun, runTopics, startRunHarness } from '../../services/orchestrator/fixtures/run-harness.ts';

const [seconds = 60, waiting = 1000] = process.argv.slice(2).map(Number);
const { env } = await startStack();
const database = await createTestDatabase('vigil');
const prefix = `idle-${randomBytes(4).toString('hex')}.`;
const connect = () => namespaced(createKafkaClient({ brokers: env.kafkaBrokers.split(','), clientId: 'idle-bench' }), prefix);
const admin = connect();
await admin.admin.createTopics(runTopics.map((name) => ({ name, partitions: 4, replicationFactor: 1, config: {} })));
await admin.close();
const registry = createRegistry({ url: env.schemaRegistryUrl });
const harness = await startRunHarness({ databaseUrl: database.url, connect, registry, slots: 200, worker: null });

const transactions = async (): Promise<number> => {
  await sleep(1100);
  const sql = 'SELECT xact_commit + xact_rollback AS n FROM pg_stat_database WHERE datname = current_database()';
  return Number((await harness.query<{ n: number }>(sql))[0]?.n);
};
const measured = async (): Promise<object> => {
  const [before, cpuBefore, startedMs] = [await transactions(), process.cpuUsage(), performance.now()];
  await sleep(seconds * 1000);
  const cpu = process.cpuUsage(cpuBefore);
  const lastedMs = performance.now() - startedMs;
  const cpuMs = (cpu.user + cpu.system) / 1000;
  return {
    cpuPercentOfCore: Number(((cpuMs / lastedMs) * 100).toFixed(2)),
    transactionsPerSecond: Number((((await transactions()) - before) / (lastedMs / 1000)).toFixed(1)),
  };
};
// Joining the group, preparing statements.
await sleep(5000);
const idle = await measured();
await harness.definitions.deploy(
  `name: wide\ntasks:\n  - {name: one, type: business_logic, function: nothing, fan_out: {partitions: ${waiting}}}\n`,
  'bench',
);
await harness.runs.request([aRun('wide')]);
// Until all of them have their reason.
await sleep(Math.ceil(waiting / 1000) * 1000 + 7000);
process.stdout.write(`${JSON.stringify({ seconds, idle, queued: { parts: waiting, ...(await measured()) } })}\n`);
await harness.stop();
await database.drop();
process.exit(0);
