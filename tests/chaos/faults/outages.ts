import { setTimeout as sleep } from 'node:timers/promises';
import { query } from '../../fleet/fleet.ts';
import { until, type World } from '../world.ts';
import type { Fault } from './fault.ts';
import { cutAtCommit } from './cut-at-commit.ts';
import { freeze, infrastructurePid, takeAway } from './signals.ts';

const awayMs = 5_000;

/** Ends every session of the services, wherever its transaction stands. */
async function cutSessions({ env }: World): Promise<number> {
  const rows = await query(
    env.databaseUrl,
    `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
     WHERE pid <> pg_backend_pid() AND datname IN ('vigil', 'vigil_warehouse') AND application_name <> 'vigil-chaos'`,
  );
  return rows.length;
}

/** F5: the broker answers nobody for longer than a session lasts. */
export const freezeBroker: Fault = {
  id: 'F5',
  title: 'SIGSTOP to the broker for 8 s',
  inject: async ({ world }) => {
    const pid = await infrastructurePid(world, 'kafka');
    await freeze(pid, () => sleep(8_000));
    return [`kafka: ${pid} frozen for 8 s`];
  },
};

export const registryAway: Fault = {
  id: 'F10',
  title: 'schema registry away; ids that are known go on',
  inject: async ({ world }) => [await takeAway(world, { name: 'registry', signal: 'SIGKILL', awayMs })],
};

/** F11: sessions cut in their transactions and, behind a link, exactly at their COMMIT; then a crash of the server. */
export const databaseRestart: Fault = {
  id: 'F11',
  title: 'PostgreSQL: sessions cut, at COMMIT and anywhere, then a crash and a restart',
  inject: async ({ world }) => {
    const evidence = world.network ? await cutAtCommit(world) : [];
    for (let cut = 0; cut < 3; cut++) {
      let sessions = 0;
      // A service that lost its session takes a moment until it has another.
      await until('sessions of services to be cut', async () => (sessions = await cutSessions(world)) > 0);
      evidence.push(`${sessions} sessions cut`);
      await sleep(1_000);
    }
    // SIGQUIT is the server's immediate shutdown: no checkpoint, recovery from the log at its next start.
    return [...evidence, await takeAway(world, { name: 'postgres', signal: 'SIGQUIT', awayMs: 1_000 })];
  },
};

export const redisAway: Fault = {
  id: 'F12',
  title: 'Redis away, then back and empty',
  inject: async ({ world }) => [await takeAway(world, { name: 'redis', signal: 'SIGKILL', awayMs })],
};
