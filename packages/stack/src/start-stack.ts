import { randomBytes } from 'node:crypto';
import { composeUp, engineAnswers } from './containers/compose.ts';
import { endProcess } from './end-process.ts';
import { externalPart, type AddressEnvironment } from './external-parts.ts';
import { withLock } from './lock.ts';
import { hostAndPort } from './host-and-port.ts';
import { ensureJava } from './native/find-java.ts';
import type { PartContext } from './native/part-context.ts';
import { startKafka } from './native/start-kafka.ts';
import { startPostgres } from './native/start-postgres.ts';
import { startRedis } from './native/start-redis.ts';
import { startRegistry } from './native/start-registry.ts';
import { ensureHome, stackPaths, type StackPaths } from './paths.ts';
import { portNames } from './port-names.ts';
import { assignPorts, isListening } from './ports.ts';
import { isRunning } from './process-identity.ts';
import { silent, type Progress } from './progress.ts';
import { ensureSecrets } from './secrets.ts';
import { stackEnv, type StackEnv } from './stack-env.ts';
import { partNames, readState, writeState, type PartName, type PartState, type StackState } from './state-file.ts';
import { stopStack } from './stop-stack.ts';

export interface StackOptions {
  readonly progress?: Progress;
  readonly environment?: AddressEnvironment;
  readonly paths?: StackPaths;
}

export interface Stack {
  readonly env: StackEnv;
  readonly paths: StackPaths;
  /** Stops what runs under this home; a stack that was found running is better left to whoever started it. */
  readonly stop: () => Promise<void>;
}

/** Holds the state in memory and writes each change at once, so that `down` finds every process whatever happens next. */
const createStateKeeper = (file: string, initial: StackState) => {
  let state = initial;
  return {
    state: () => state,
    change: (changed: Partial<StackState>) => {
      state = { ...state, ...changed };
      writeState(file, state);
    },
    setPart: (name: PartName, part: PartState) => {
      state = { ...state, parts: { ...state.parts, [name]: part } };
      writeState(file, state);
    },
  };
};
type StateKeeper = ReturnType<typeof createStateKeeper>;

const openState = async (paths: StackPaths): Promise<StateKeeper> => {
  const found = readState(paths.stateFile);
  const keeper = createStateKeeper(
    paths.stateFile,
    found ?? { version: 1, ports: {}, parts: {}, databasePassword: randomBytes(18).toString('base64url') },
  );
  keeper.change({ ports: await assignPorts({ names: portNames, known: keeper.state().ports, seed: paths.home }) });
  return keeper;
};

/** A container is asked for by its port, a process by its identity. */
const runs = async (part: PartState | undefined): Promise<boolean> => {
  if (part === undefined) return false;
  if (part.process !== undefined) return isRunning(part.process);
  const { host, port } = hostAndPort(part.address);
  return part.mode === 'compose' && isListening(host, port);
};

/** Starts the native parts; those that depend on nothing at once, the registry after its database. */
const startNative = async (names: readonly PartName[], keeper: StateKeeper, paths: StackPaths, progress: Progress): Promise<void> => {
  let java: Promise<string> | undefined;
  const contextOf = (name: PartName): PartContext => ({
    paths,
    ports: keeper.state().ports,
    databasePassword: keeper.state().databasePassword,
    javaHome: async () => (java ??= ensureJava(paths.cache, progress)),
    progress,
    record: (process, address) => keeper.setPart(name, { mode: 'native', address, process }),
  });
  const start = async (name: PartName, run: (context: PartContext) => Promise<void>): Promise<void> => {
    if (!names.includes(name)) return;
    const began = performance.now();
    progress(`starting ${name}`);
    await run(contextOf(name));
    progress(`${name} is up after ${((performance.now() - began) / 1000).toFixed(1)} s`);
  };
  const databaseThenRegistry = async (): Promise<void> => {
    await start('postgres', startPostgres);
    const server = keeper.state().parts.postgres?.address ?? '';
    await start('registry', async (context) => startRegistry(context, server));
  };
  const outcomes = await Promise.allSettled([start('kafka', startKafka), start('redis', startRedis), databaseThenRegistry()]);
  const failed = outcomes.find((outcome) => outcome.status === 'rejected');
  if (failed === undefined) return;
  for (const name of names) {
    const { process } = keeper.state().parts[name] ?? {};
    if (process !== undefined) await endProcess(process);
  }
  throw failed.reason;
};

const startMissing = async (paths: StackPaths, environment: AddressEnvironment, progress: Progress): Promise<void> => {
  const keeper = await openState(paths);
  ensureSecrets(paths);
  for (const name of partNames) {
    const external = externalPart(name, environment);
    if (external !== undefined) keeper.setPart(name, external);
  }
  const missing: PartName[] = [];
  for (const name of partNames) {
    if (externalPart(name, environment) === undefined && !(await runs(keeper.state().parts[name]))) missing.push(name);
  }
  if (missing.length === 0) return;
  if (environment['VIGIL_STACK'] !== 'native' && (await engineAnswers())) {
    const { ports, databasePassword } = keeper.state();
    for (const [name, part] of await composeUp({ names: missing, ports, databasePassword, home: paths.home, progress }))
      keeper.setPart(name, part);
  } else {
    await startNative(missing, keeper, paths, progress);
  }
};

/**
 * Starts what does not run yet and answers the addresses; quick when everything runs.
 *
 * Each part is the first of: an address in the environment, a container where an engine answers, a native process.
 */
export const startStack = async ({
  progress = silent,
  environment = process.env,
  paths = stackPaths(),
}: StackOptions = {}): Promise<Stack> => {
  ensureHome(paths);
  await withLock(paths.lockFile, async () => startMissing(paths, environment, progress), {
    onWait: () => progress('another vigil command starts or stops this stack: waiting'),
  });
  return {
    env: stackEnv(paths),
    paths,
    stop: async () => {
      await stopStack({ paths, progress });
    },
  };
};
