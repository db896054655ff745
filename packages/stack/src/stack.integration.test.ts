import { afterAll, expect, test } from '@jest/globals';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { Client } from 'pg';
import { temporaryDirectory } from '../test-support/temporary-home.ts';
import { clusterDirectory } from './native/start-postgres.ts';
import { repositoryRoot, stackPaths } from './paths.ts';
import { stackStatus } from './stack-status.ts';
import { startStack } from './start-stack.ts';
import { stopStack } from './stop-stack.ts';
import { fleetStatus } from './supervisor/fleet-state.ts';
import { startFleet, stopFleet } from './supervisor/start-fleet.ts';

const directory = temporaryDirectory();
// A private directory, as a clone below /tmp may be: PostgreSQL's user cannot enter it.
const paths = stackPaths({ VIGIL_HOME: join(directory.path, 'home') });
mkdirSync(paths.home);
const cluster = clusterDirectory(paths.home, process.getuid?.() === 0 ? { uid: 1, gid: 1 } : undefined);
const environment = { VIGIL_STACK: 'native' };

afterAll(async () => {
  await stopFleet({ paths });
  await stopStack({ paths });
  rmSync(cluster, { recursive: true, force: true });
  directory.remove();
});

/** Processes whose command line names this stack's directory; there must be none in the end. */
const processesOfThisStack = (): string[] =>
  readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
    .flatMap((pid) => {
      try {
        const command = readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ');
        return command.includes(directory.path) || command.includes(cluster) ? [command] : [];
      } catch {
        return [];
      }
    });

const vigil = (...args: string[]): ChildProcess =>
  spawn(process.execPath, [join(repositoryRoot, 'packages/cli/bin/vigil.js'), ...args], {
    env: { PATH: process.env['PATH'], VIGIL_HOME: paths.home, VIGIL_STACK: 'native' },
    stdio: ['ignore', 'ignore', 'pipe'],
  });

test('a second stack runs beside the first, two starts at once make one, and down leaves nothing', async () => {
  const [other, { env }] = await Promise.all([once(vigil('stack', 'up'), 'exit'), startStack({ environment, paths })]);
  expect(other[0]).toBe(0);
  expect((await stackStatus(paths)).map(({ state }) => state)).toEqual(Array<string>(5).fill('running'));

  // The registry holds every schema to full transitive compatibility.
  const rule = await fetch(`${env.schemaRegistryUrl}/config`);
  expect(await rule.json()).toMatchObject({ compatibilityLevel: 'FULL_TRANSITIVE' });
  for (const url of [env.databaseUrl, env.warehouseUrl]) {
    const client = new Client({ connectionString: url });
    await client.connect();
    expect((await client.query('SHOW wal_level')).rows).toEqual([{ wal_level: 'logical' }]);
    await client.end();
  }

  const schema = { schema: JSON.stringify({ type: 'record', name: 'R', fields: [{ name: 'a', type: 'string', default: '' }] }) };
  const register = async (): Promise<unknown> => {
    const answer = await fetch(`${env.schemaRegistryUrl}/subjects/r-value/versions`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(schema),
    });
    return answer.json();
  };
  const before = await register();

  expect(await stopStack({ paths })).toHaveLength(5);
  expect(processesOfThisStack()).toEqual([]);

  const again = await startStack({ environment, paths });
  expect(again.env).toEqual(env);
  expect(await register()).toEqual(before);

  // The stand-in for PagerDuty, Slack and mail is the part of the fleet that needs nothing else.
  await startFleet({ paths, names: ['providers'] });
  await startFleet({ paths, names: ['providers'] });
  const [provider] = fleetStatus(paths);
  expect(provider).toMatchObject({ name: 'providers', state: 'running', restarts: 0 });
  process.kill(provider?.pid ?? 0, 'SIGKILL');
  while (fleetStatus(paths)[0]?.restarts !== 1) await new Promise((resolve) => setTimeout(resolve, 20));
  expect(await stopFleet({ paths })).toEqual(['providers']);
  expect(await stopFleet({ paths })).toEqual([]);

  expect((await once(vigil('stack', 'down'), 'exit'))[0]).toBe(0);
  expect(processesOfThisStack()).toEqual([]);
}, 180_000);
