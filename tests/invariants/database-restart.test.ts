import { beforeAll, expect, test } from '@jest/globals';
import { setTimeout as sleep } from 'node:timers/promises';
import { expectExactlyStored } from '../fleet/expectations.ts';
import { drainedLedger, query, sendInBackground, startFleet, type StackEnv } from '../fleet/fleet.ts';
import { createWorkload } from '../fleet/workload.ts';

let env: StackEnv;
beforeAll(async () => {
  env = await startFleet();
});

/** Ends every session of the services, as a restart of the server does, three times during the load. */
const cutAllSessions = (url: string) =>
  query(
    url,
    `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND datname IN ('vigil', 'vigil_warehouse')`,
  );

test('sessions cut in the middle of transactions lose nothing and double nothing', async () => {
  const workload = createWorkload({
    name: `PG${Date.now()}`,
    patients: 20,
    readingsEach: 200,
    malformedEvery: 1000,
    duplicateEvery: 1000,
    startMs: Date.now() - 240_000,
    stepMs: 1000,
  });
  const sending = sendInBackground('readings', workload.lines, 600);
  for (let cut = 0; cut < 3; cut++) {
    await sleep(1500);
    await cutAllSessions(env.databaseUrl);
  }
  expect((await sending).code).toBe(0);

  expect(await drainedLedger(120)).toMatchObject({ balanced: true, unaccounted: 0 });
  await expectExactlyStored(env, workload);
});
