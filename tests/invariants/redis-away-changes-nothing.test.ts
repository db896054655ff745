import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { expectExactlyStored } from '../fleet/expectations.ts';
import { drainedLedger, partOf, query, sendInBackground, startFleet, type StackEnv } from '../fleet/fleet.ts';
import { createWorkload } from '../fleet/workload.ts';

let env: StackEnv;
let redisPid: number;
beforeAll(async () => {
  env = await startFleet();
  redisPid = (await partOf('redis')).pid;
});
afterAll(() => {
  process.kill(redisPid, 'SIGCONT');
});

test('with Redis frozen every reading is stored and the latest vitals are still answered', async () => {
  process.kill(redisPid, 'SIGSTOP');
  const workload = createWorkload({
    name: `REDIS${Date.now()}`,
    patients: 10,
    readingsEach: 100,
    malformedEvery: 1000,
    duplicateEvery: 1000,
    startMs: Date.now() - 120_000,
    stepMs: 1000,
  });
  expect((await sendInBackground('readings', workload.lines, 1000)).code).toBe(0);

  expect(await drainedLedger(120)).toMatchObject({ balanced: true, unaccounted: 0 });
  await expectExactlyStored(env, workload);
  const [latest] = await query<{ patient_token: string; heart_rate: number }>(
    env.databaseUrl,
    `SELECT patient_token, heart_rate FROM clinical.vital_reading WHERE device_id = $1 ORDER BY observed_at DESC LIMIT 1`,
    [workload.deviceIds[0]],
  );
  const answer = await fetch(`${env.gatewayUrl}/v1/patients/${encodeURIComponent(latest!.patient_token)}/latest`, {
    headers: { authorization: `Bearer ${env.gatewayApiKey}` },
  });
  expect(answer.status).toBe(200);
  expect(JSON.stringify(await answer.json())).toContain(String(latest!.heart_rate));
});
