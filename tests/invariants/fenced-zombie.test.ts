import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { fleetParts, selectParts, stackPaths } from '@vigil/stack';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { expectExactlyStored } from '../fleet/expectations.ts';
import { drainedLedger, eventually, partOf, home, sendInBackground, startFleet, vigil, type StackEnv } from '../fleet/fleet.ts';
import { createWorkload } from '../fleet/workload.ts';

let env: StackEnv;
let second: ChildProcess | undefined;
beforeAll(async () => {
  env = await startFleet();
});
afterAll(async () => {
  if (!second || second.exitCode !== null) return;
  second.kill('SIGTERM');
  await once(second, 'exit');
});

/** A replica of device-ingest on ports of its own, beside the one of the fleet. */
function startSecondInstance(): ChildProcess {
  const [part] = fleetParts(selectParts(['device-ingest']), stackPaths({ VIGIL_HOME: home }));
  if (!part) throw new Error('The fleet has no device-ingest.');
  const env = { ...part.env, VIGIL_ADMIN_PORT: '0', VIGIL_GATEWAY_PORT: '0' };
  return spawn(part.program, part.args, { env, cwd: part.cwd, stdio: 'ignore' });
}

interface Lag {
  readonly groups: readonly { readonly group: string; readonly lagRecords: number }[];
}

test('a frozen instance that wakes after its successor took over writes nothing', async () => {
  const { pid } = await partOf('device-ingest');
  second = startSecondInstance();
  const workload = createWorkload({
    name: `ZOMBIE${Date.now()}`,
    patients: 20,
    readingsEach: 300,
    malformedEvery: 100,
    duplicateEvery: 100,
    startMs: Date.now() - 360_000,
    stepMs: 1000,
  });
  const sending = sendInBackground('readings', workload.lines, 400);
  await sleep(4000);
  process.kill(pid, 'SIGSTOP');
  try {
    // Longer than the session timeout of 6 s and the rebalance after it: the successor owns every task now.
    await sleep(12_000);
    expect((await sending).code).toBe(0);
    await eventually('the successor drained the topic', async () => {
      const { groups } = await vigil<Lag>(['lag']);
      return groups.every(({ group, lagRecords }) => group !== 'device-ingest' || lagRecords === 0) ? true : undefined;
    });
  } finally {
    process.kill(pid, 'SIGCONT');
  }
  await sleep(3000);

  expect(await drainedLedger(120)).toMatchObject({ balanced: true, unaccounted: 0 });
  await expectExactlyStored(env, workload);
});
