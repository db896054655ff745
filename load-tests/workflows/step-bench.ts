// What a step of a large fan-out costs, on real PostgreSQL without a worker: milliseconds and bytes of WAL.
// node load-tests/workflows/step-bench.ts [parts] [steps]
import { createMemoryBroker, createMemoryRegistry, systemEngineClock } from '@vigil/kafka';
import { createTestDatabase } from '@vigil/testing';
import { aRun, runTopics, startRunHarness } from '../../services/orchestrator/fixtures/run-harness.ts';
import { defaultRunPace } from '../../services/orchestrator/src/loops/runs/start-run-loops.ts';

const [parts = 10_000, steps = 200] = process.argv.slice(2).map(Number);
const broker = createMemoryBroker({ clock: systemEngineClock });
for (const name of runTopics) broker.createTopic(name, 2);
const database = await createTestDatabase('vigil');
const harness = await startRunHarness({
  databaseUrl: database.url,
  connect: () => broker.connect(),
  registry: createMemoryRegistry(),
  worker: null,
  // Why parts wait is written by the dispatcher, which is not what is measured.
  pace: { ...defaultRunPace, explainMs: 3_600_000 },
});
await harness.definitions.deploy(
  `name: wide
tasks:
  - {name: list, type: business_logic, function: nothing}
  - {name: one, type: business_logic, function: nothing, depends_on: [list], fan_out: {from: list.parts}}
`,
  'bench',
);

const walBytes = async (): Promise<number> =>
  Number((await harness.query<{ n: number }>("SELECT pg_current_wal_insert_lsn() - '0/0'::pg_lsn AS n"))[0]?.n);
const measured = async (work: () => Promise<unknown>, times: number): Promise<{ ms: number; walBytes: number }> => {
  const [wal, startedMs] = [await walBytes(), performance.now()];
  await work();
  const ms = (performance.now() - startedMs) / times;
  return { ms: Number(ms.toFixed(2)), walBytes: Math.round(((await walBytes()) - wal) / times) };
};
const run = aRun('wide');
await harness.runs.request([run]);
const values = { parts: Array.from({ length: parts }, (_, part) => part.toString(36)) };
const listed = { kind: 'succeeded', task: 'list', part: 0, epoch: 1, result: { counts: {}, values, ref: null } } as const;
const begin = await measured(() => harness.runs.step([{ runId: run.runId, messageId: 'list', input: listed }]), 1);
await new Promise((resolve) => setTimeout(resolve, 1500));
const about = { task: 'one', epoch: 1 } as const;
const step = await measured(async () => {
  for (let part = 0; part < steps / 2; part++) {
    const started = { kind: 'started', ...about, part, attempt: 1, worker: 'w' } as const;
    const succeeded = { kind: 'succeeded', ...about, part, result: { counts: { read: 1 }, values: {}, ref: null } } as const;
    for (const input of [started, succeeded]) await harness.runs.step([{ runId: run.runId, messageId: `${input.kind}/${part}`, input }]);
  }
}, steps);
process.stdout.write(`${JSON.stringify({ parts, begin, step: { steps, ...step } })}\n`);
await harness.stop();
await database.drop();
process.exit(0);
