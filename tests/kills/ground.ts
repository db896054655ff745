import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { runCli } from '@vigil/cli';
import { createKafkaClient, createRegistry, type KafkaClient, type SchemaRegistry } from '@vigil/kafka';
import { fleetParts, selectParts, stackEnv, stackPaths, startStack, stopStack, type StackEnv, type StackPaths } from '@vigil/stack';
import pg from 'pg';
import { childWorkflow, pools, sources } from './definitions.ts';
import { keepRunning, type KeptRunning } from './keep-running.ts';
import type { Victim } from './places.ts';
import { folderVariable } from './strike/reach.ts';

export interface Death {
  readonly victim: Victim;
  /** Name of the signal, or the exit code. */
  readonly how: string;
}

/** One orchestrator and one worker on a real stack, and the ways to look at them and to kill them. */
export interface Ground {
  readonly env: StackEnv;
  readonly client: KafkaClient;
  readonly registry: SchemaRegistry;
  /** Where the files are put that tasks take. */
  readonly drop: string;
  readonly deaths: readonly Death[];
  query<Row extends pg.QueryResultRow>(text: string, values?: readonly unknown[]): Promise<Row[]>;
  /** Calls the API; null where nobody answered. */
  call(
    method: string,
    path: string,
    body?: object,
    headers?: Readonly<Record<string, string>>,
  ): Promise<{ readonly status: number; readonly body: unknown } | null>;
  kill(victim: Victim): void;
  /** Whoever reaches one of these places dies there; none = nobody dies. */
  arm(places: readonly string[]): void;
  /** Places at which somebody died, in order. */
  struck(): readonly string[];
  /** Places that somebody passed, or died at. */
  reached(): ReadonlySet<string>;
  close(): Promise<void>;
}

const workerPools = ['worker', '--pool', 'default,batch,stream'];
/** Shorter than in production: a play waits for it after each death of a worker. */
const leaseMs = 5000;

async function cli(...args: readonly string[]): Promise<void> {
  let said = '';
  const code = await runCli([...args], { stdout: { write: () => true }, stderr: { write: (text: string) => (said += text) } });
  if (code !== 0) throw new Error(`vigil ${args.join(' ')} ended with ${code}:\n${said}`);
}

function writeSettings(folder: string): void {
  for (const name of ['drop', 'workflows']) mkdirSync(join(folder, name), { recursive: true });
  writeFileSync(join(folder, 'workflows/sources.yaml'), sources);
  writeFileSync(join(folder, 'workflows/pools.yaml'), pools);
}

function startParts(
  paths: StackPaths,
  folder: string,
  onEnd: (victim: Victim, how: string) => void,
): Readonly<Record<Victim, KeptRunning>> {
  const preload = `--import=${new URL('./strike/preload.ts', import.meta.url).href}`;
  const own = {
    NODE_OPTIONS: preload,
    [folderVariable]: folder,
    KILLS_DROP: join(folder, 'drop'),
    VIGIL_WORKFLOWS_DIR: join(folder, 'workflows'),
    VIGIL_LEASE_MS: String(leaseMs),
  };
  const start = (victim: Victim, name: string): KeptRunning => {
    const [part] = fleetParts(selectParts([name]), paths);
    if (!part) throw new Error(`There is no part ${name}.`);
    const [main = ''] = part.args;
    const args = victim === 'worker' ? [main, ...workerPools] : part.args;
    const logFile = join(paths.logs, `killed-${victim}.log`);
    return keepRunning({ victim, program: part.program, args, cwd: part.cwd, env: { ...part.env, ...own }, logFile }, onEnd);
  };
  return { orchestrator: start('orchestrator', 'orchestrator'), worker: start('worker', 'orchestrator-worker.batch') };
}

/** Makes a stack of its own under `home`, where nothing else runs, and starts both programs on it. */
export async function openGround(home: string, progress: (line: string) => void): Promise<Ground> {
  process.env['VIGIL_HOME'] = home;
  const paths = stackPaths();
  await stopStack({ paths });
  rmSync(home, { recursive: true, force: true });
  await startStack({ paths, progress });
  try {
    await cli('prepare');
    return await startOn(paths);
  } catch (error) {
    await stopStack({ paths });
    throw error;
  }
}

const linesOf = (file: string): string[] => {
  try {
    return readFileSync(file, 'utf8').split('\n').filter(Boolean);
  } catch {
    return [];
  }
};

/** What killer and victims tell each other. */
const markers = (folder: string): Pick<Ground, 'arm' | 'struck' | 'reached'> => ({
  arm(places) {
    writeFileSync(join(folder, 'armed.part'), places.join('\n'));
    renameSync(join(folder, 'armed.part'), join(folder, 'armed'));
  },
  struck: () => linesOf(join(folder, 'struck')),
  reached: () => new Set(linesOf(join(folder, 'reached'))),
});

const caller =
  ({ gatewayApiKey, orchestratorUrl }: StackEnv): Ground['call'] =>
  async (method, path, body, headers = {}) => {
    const given = { Authorization: `Bearer ${gatewayApiKey}`, 'Content-Type': 'application/json', ...headers };
    try {
      const request = { method, headers: given, signal: AbortSignal.timeout(20_000), ...(body && { body: JSON.stringify(body) }) };
      const response = await fetch(`${orchestratorUrl}${path}`, request);
      return { status: response.status, body: await response.json() };
    } catch {
      return null;
    }
  };

/** Starts both programs on a stack that runs and is prepared. */
export async function startOn(paths: StackPaths): Promise<Ground> {
  const env = stackEnv(paths);
  const folder = join(paths.home, 'kills');
  writeSettings(folder);
  const deaths: Death[] = [];
  const { arm, ...marks } = markers(folder);
  arm([]);
  const parts = startParts(paths, folder, (victim, how) => void deaths.push({ victim, how }));
  const pool = new pg.Pool({ connectionString: env.databaseUrl, max: 4 });
  pool.on('error', () => undefined);
  const client = createKafkaClient({ brokers: env.kafkaBrokers.split(','), clientId: 'kills' });
  const close = async (): Promise<void> => {
    await Promise.all([parts.orchestrator.stop(), parts.worker.stop()]);
    await client.close();
    await pool.end();
    await stopStack({ paths });
    rmSync(paths.home, { recursive: true, force: true });
  };
  const ground: Ground = {
    ...marks,
    arm,
    env,
    client,
    registry: createRegistry({ url: env.schemaRegistryUrl }),
    drop: join(folder, 'drop'),
    deaths,
    query: async (text, values = []) => (await pool.query(text, [...values])).rows,
    call: caller(env),
    kill: (victim) => void process.kill(parts[victim].pid(), 'SIGKILL'),
    close,
  };
  try {
    await deploy(ground, childWorkflow);
    return ground;
  } catch (error) {
    await close();
    throw error;
  }
}

const deployWithinMs = 180_000;

/** Deploys a definition, however often it has to be said. @throws Error that quotes the refusal */
export async function deploy({ call }: Pick<Ground, 'call'>, text: string): Promise<{ readonly version: number }> {
  for (const endMs = Date.now() + deployWithinMs; Date.now() < endMs; await sleep(200)) {
    const answer = await call('POST', '/v1/workflows', { text, by: 'kills' });
    if (answer?.status === 422) throw new Error(JSON.stringify(answer.body));
    if (answer && answer.status < 300) return answer.body as { version: number };
  }
  throw new Error('The orchestrator takes no definition.');
}
