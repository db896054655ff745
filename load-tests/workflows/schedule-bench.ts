// How late runs are requested and handed out when a thousand schedules are due at once, and how soon after a record that
// triggers one: node load-tests/workflows/schedule-bench.ts [schedules] [records]. Real PostgreSQL, Kafka in memory.
import { compileWriter, createWireEncoder, dlqTopicOf, retryTopicOf, topics, type ScoreRecorded } from '@vigil/contracts';
import { createMemoryBroker, createMemoryRegistry, systemEngineClock } from '@vigil/kafka';
import { createTestDatabase } from '@vigil/testing';
import { runTopics, startRunHarness, until } from '../../services/orchestrator/fixtures/run-harness.ts';
import {
  createScheduleHooks,
  startSchedules,
  type StartSchedulesOptions,
} from '../../services/orchestrator/src/adapters/schedules/start-schedules.ts';

const [schedules = 1000, records = 50] = process.argv.slice(2).map(Number);
const quantile = (values: readonly number[], share: number): number =>
  Math.round(values.toSorted((a, b) => a - b)[Math.floor(values.length * share)] ?? 0);

const { name: topic, schema } = topics.scoreRecorded;
const broker = createMemoryBroker({ clock: systemEngineClock });
for (const name of new Set([...runTopics, topic, dlqTopicOf(topic, 'orchestrator'), retryTopicOf(topic, 'orchestrator')]))
  broker.createTopic(name, 4);
const registry = createMemoryRegistry();
const database = await createTestDatabase('vigil');
const hooks = createScheduleHooks(() => harness.runs);
const harness = await startRunHarness({
  databaseUrl: database.url,
  connect: () => broker.connect(),
  registry,
  slots: 5000,
  extend: () => hooks,
});
const quiet = new Proxy({}, { get: () => () => undefined }) as StartSchedulesOptions['events'];
const started = startSchedules({
  databaseUrl: database.url,
  runs: harness.runs,
  definitions: harness.definitions,
  hooks,
  client: broker.connect(),
  registry,
  sourcesFile: null,
  filesEveryMs: 60_000,
  events: quiet,
  fail: (error) => {
    throw error;
  },
});

const text = (name: string, schedule: string): string =>
  `name: ${name}\nschedule: ${schedule}\ntasks: [{name: one, type: business_logic, function: nothing}]\n`;
const workflows = 50;
for (let number = 0; number < workflows; number++) {
  await harness.definitions.deploy(text(`clock_${number}`, '{type: manual}'), 'bench');
}
const due = new Date(Date.now() + 65_000);
due.setSeconds(0, 0);
const expression = `${due.getUTCMinutes()} ${due.getUTCHours()} * * *`;
const spec = { type: 'cron', expression, timezone: 'UTC', dst: { gap: 'shift', overlap: 'first' }, catch_up: 'none', overlap: 'skip' };
await harness.query(
  `INSERT INTO orchestration.schedule (schedule_id, workflow, kind, spec, next_fire_at, changed_by)
   SELECT 'clock/' || n, 'clock_' || n % $3, 'cron', $1::jsonb, clock_timestamp(), 'bench' FROM generate_series(0, $2 - 1) AS n`,
  [JSON.stringify(spec), schedules, workflows],
);
await harness.definitions.deploy(text('listener', `{type: event, topic: ${topic}, filter: {held: true}, overlap: allow}`), 'bench');
console.error(`waiting for ${due.toISOString()}`);

const countSql = 'SELECT count(*)::int AS count FROM orchestration.task_run WHERE workflow LIKE $1 AND started_at IS NOT NULL';
const count = async (like: string): Promise<number> => (await harness.query<{ count: number }>(countSql, [like]))[0]?.count ?? 0;
await new Promise((resolve) => setTimeout(resolve, Math.max(0, due.getTime() - Date.now() - 500)));
await until(async () => (await count('clock_%')) >= schedules);
const late = await harness.query<{ requestedMs: number; dispatchedMs: number }>(`
  SELECT extract(epoch FROM r.created_at - r.scheduled_for)::float8 * 1000 AS "requestedMs",
    extract(epoch FROM t.requested_at - r.scheduled_for)::float8 * 1000 AS "dispatchedMs"
  FROM orchestration.run r JOIN orchestration.task_run t USING (run_id) WHERE r.workflow LIKE 'clock_%'`);

const id = await registry.idOf(`${topic}-value`, schema);
const [write, encode] = [compileWriter<ScoreRecorded>(schema), createWireEncoder()];
const producer = await harness.client.openIdempotentProducer();
const aScore: ScoreRecorded = {
  subject: 'file:1',
  column: '',
  source: 'ehr',
  period: '',
  records: 1,
  completeness: 1,
  validity: 1,
  uniqueness: 1,
  consistency: 1,
  timeliness: 1,
  score: 1,
  drift: 0,
  held: true,
  runId: '',
  recordedAt: 0,
};
const sentMs: number[] = [];
for (let number = 0; number < records; number++) {
  sentMs.push(Date.now());
  await producer.send([{ topic, partition: 0, key: null, value: Buffer.from(encode(id, write, aScore)), headers: [], timestamp: null }]);
  await until(async () => (await count('listener')) > number);
}
const dispatched = await harness.query<{ atMs: number }>(`
  SELECT extract(epoch FROM t.requested_at)::float8 * 1000 AS "atMs" FROM orchestration.run r JOIN orchestration.task_run t USING (run_id)
  WHERE r.workflow = 'listener' ORDER BY (r.trigger_detail->>'offset')::int`);
const eventMs = dispatched.map(({ atMs }, number) => atMs - (sentMs[number] ?? 0));
const spread = (values: readonly number[]) => ({
  p50: quantile(values, 0.5),
  p99: quantile(values, 0.99),
  max: Math.round(Math.max(...values)),
});
console.log(
  JSON.stringify({
    schedules,
    dueToRequestedMs: spread(late.map(({ requestedMs }) => requestedMs)),
    dueToDispatchedMs: spread(late.map(({ dispatchedMs }) => dispatchedMs)),
    records,
    recordToDispatchedMs: spread(eventMs),
  }),
);
await producer.close();
await started.close();
await harness.stop();
await database.drop();
process.exit(0);
