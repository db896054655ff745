import { beforeAll, expect, test } from '@jest/globals';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  drainedLedger,
  eventually,
  partOf,
  sendInBackground,
  servicesOf,
  startFleet,
  vigil,
  type Ledger,
  type StackEnv,
} from '../fleet/fleet.ts';
import { expectExactlyStored } from '../fleet/expectations.ts';
import { createWorkload } from '../fleet/workload.ts';

let env: StackEnv;
beforeAll(async () => {
  env = await startFleet();
});

const stageOf = (ledger: Ledger, stage: string, topic: string) => ledger.stages.find((row) => row.stage === stage && row.topic === topic);

/** How much a stage's counts grew. */
function grown(before: Ledger, after: Ledger, stage: string, topic: string) {
  const [from, to] = [stageOf(before, stage, topic), stageOf(after, stage, topic)];
  const count = (field: 'consumed' | 'processed' | 'duplicate' | 'rejected') => (to?.[field] ?? 0) - (from?.[field] ?? 0);
  return { consumed: count('consumed'), processed: count('processed'), duplicate: count('duplicate'), rejected: count('rejected') };
}

test('every service is killed once mid-stream and nothing is lost, doubled or made up', async () => {
  const before = await drainedLedger();
  const workload = createWorkload({
    name: `CRASH${Date.now()}`,
    patients: 40,
    readingsEach: 400,
    malformedEvery: 20,
    duplicateEvery: 50,
    startMs: Date.now() - 480_000,
    stepMs: 1000,
  });
  const sending = sendInBackground('readings', workload.lines, 700);

  for (const { name, restarts } of await servicesOf()) {
    const { pid } = await partOf(name);
    process.kill(pid, 'SIGKILL');
    await eventually(`${name} is back`, async () => ((await partOf(name)).restarts > restarts ? true : undefined));
    await sleep(500);
  }
  expect((await sending).code).toBe(0);
  const after = await drainedLedger(120);

  expect(after).toMatchObject({ balanced: true, unaccounted: 0 });
  expect(grown(before, after, 'device-ingest', 'vitals.reading.received.v1')).toEqual({
    consumed: workload.lines.length,
    processed: workload.sent.size,
    duplicate: workload.duplicates,
    rejected: workload.malformed,
  });
  await expectExactlyStored(env, workload);
  expect(grown(before, after, 'warehouse-loader.warehouse', 'deid.vitals.reading.accepted.v1').processed).toBe(workload.sent.size);
  const { queues } = await vigil<{ queues: { topic: string; count: number }[] }>(['dlq', 'list']);
  expect(queues.some(({ topic }) => topic === 'vitals.reading.received.v1.device-ingest.dlq')).toBe(true);
});
