import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { runCli } from '@vigil/cli';
import { eventually, fleetSettings } from '../fleet/fleet.ts';

interface Part {
  readonly name: string;
  readonly kind: string;
  readonly pid: number | null;
  readonly state: string;
  readonly restarts: number;
  readonly ready: boolean;
}

const before = { ...process.env };
beforeAll(() => {
  Object.assign(process.env, fleetSettings);
});
afterAll(() => {
  process.env = before;
});

const run = async (...args: string[]) => {
  const printed = { stdout: '', stderr: '' };
  const code = await runCli([...args], {
    stdout: { write: (text) => (printed.stdout += text) },
    stderr: { write: (text) => (printed.stderr += text) },
  });
  return { code, ...printed };
};

const json = async <Value>(...args: string[]): Promise<Value> => {
  const { code, stdout, stderr } = await run(...args, '--json');
  if (code !== 0) throw new Error(`vigil ${args.join(' ')} ended with ${code}: ${stderr}`);
  return JSON.parse(stdout) as Value;
};

test('up starts everything or finds it, a second up finds it, a service that is killed comes back, down leaves nothing', async () => {
  const env = await json<Record<string, string>>('up');
  expect(Object.keys(env)).toEqual(
    expect.arrayContaining([
      'kafkaBrokers',
      'schemaRegistryUrl',
      'databaseUrl',
      'warehouseUrl',
      'redisUrl',
      'gatewayUrl',
      'gatewayApiKey',
      'orchestratorUrl',
      'sftpUrl',
      'researchDatabaseUrl',
      'reportsDir',
      'pagerUrl',
    ]),
  );
  expect(await json('stack', 'env')).toEqual(env);
  expect((await run('stack', 'env')).stdout).toContain(`kafkaBrokers=${env['kafkaBrokers']}`);
  expect(await json<unknown>('up')).toEqual(env);

  const { parts } = await json<{ parts: Part[] }>('status');
  expect(parts.filter(({ ready }) => !ready)).toEqual([]);
  expect(parts.filter(({ kind }) => kind === 'service').map(({ name }) => name)).toEqual([
    'warehouse-loader.warehouse',
    'warehouse-loader.operational',
    'warehouse-loader.lake',
    'warehouse-loader.archive',
    'orchestrator',
    'orchestrator-worker.default',
    'orchestrator-worker.batch',
    'alert-router',
    'deidentifier',
    'claims-validator',
    'vitals-windowing',
    'device-ingest',
  ]);
  expect((await run('status')).stdout).toMatch(/device-ingest +service +running +\d+ +\d+ +\d+ +yes/);
  expect((await fetch(`${env['pagerUrl']}/accepted`)).status).toBe(200);
  expect((await json<{ parts: Part[] }>('stack', 'status')).parts.map(({ name }) => name)).toEqual([
    'kafka',
    'registry',
    'postgres',
    'redis',
    'sftp',
  ]);
  expect((await run('stack', 'status')).stdout).toContain('native');

  const victim = parts.find(({ name }) => name === 'deidentifier');
  if (!victim?.pid) throw new Error('The fleet runs without its deidentifier.');
  process.kill(victim.pid, 'SIGKILL');
  const back = await eventually('the service that was killed is ready again', async () => {
    const now = (await json<{ parts: Part[] }>('status')).parts.find(({ name }) => name === 'deidentifier');
    return now?.ready === true && now.restarts > victim.restarts ? now : undefined;
  });
  expect(back).toMatchObject({ restarts: victim.restarts + 1, state: 'running' });

  expect(await json('prepare')).toEqual({ prepared: true });
  expect(await json('db', 'migrate')).toEqual({ applied: [] });
  expect((await run('db', 'migrate')).stdout).toBe('nothing to do\n');
  expect((await run('prepare')).stdout).toBe('prepared\n');
  expect(await json<unknown>('stack', 'up')).toEqual(env);

  // A service that refuses its settings ends the run in the foreground with its own exit code.
  process.env['VIGIL_COMMIT_INTERVAL_MS'] = 'soon';
  const ran = await run('run', 'deidentifier');
  delete process.env['VIGIL_COMMIT_INTERVAL_MS'];
  expect(ran).toMatchObject({ code: 78, stderr: expect.stringContaining('[deidentifier] ') });
  expect(ran.stderr).toContain('VIGIL_COMMIT_INTERVAL_MS');

  expect(await json('down')).toMatchObject({ stopped: expect.arrayContaining(['device-ingest', 'providers', 'kafka', 'postgres']) });
  const after = (await json<{ parts: Part[] }>('status')).parts;
  expect(after.every(({ pid, state }) => pid === null && state === 'stopped')).toBe(true);
  expect((await run('status')).stdout).toMatch(/device-ingest +service +stopped +- +\d+ +\d+ +no/);
  expect((await run('down')).stdout).toBe('stopped: nothing ran\n');
  expect(await run('stack', 'env')).toMatchObject({ code: 1, stderr: expect.stringContaining('STACK_DOWN') });
  expect((await run('stack', 'down')).stdout).toBe('stopped: nothing ran\n');
}, 400_000);
