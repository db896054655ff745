import { isDeepStrictEqual } from 'node:util';
import { engineAnswers } from './containers/compose.ts';
import { containedRuns, isContained, startContained } from './containers/contained-parts.ts';
import { endProcess } from './end-process.ts';
import { externalPart, type AddressEnvironment } from './external-parts.ts';
import { withLock } from './lock.ts';
import { hostAndPort } from './host-and-port.ts';
import { startNative } from './native/start-native.ts';
import { ensureHome, stackPaths, type StackPaths } from './paths.ts';
import { portNames } from './port-names.ts';
import { isRunning } from './process-identity.ts';
import { silent, type Progress } from './progress.ts';
import { ensureSecrets } from './secrets.ts';
import { stackEnv, type StackEnv } from './stack-env.ts';
import { partNames, type PartName, type PartState } from './state-file.ts';
import { openState } from './state-keeper.ts';
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

const runs = async (part: PartState | undefined): Promise<boolean> => {
  if (part === undefined) return false;
  return part.process === undefined ? containedRuns(part) : isRunning(part.process);
};

/** The part behind an address of the environment, unless it is the address of the one that we started ourselves. */
const externalOf = (name: PartName, own: PartState | undefined, environment: AddressEnvironment): PartState | undefined => {
  const external = externalPart(name, environment);
  if (external === undefined || own?.process === undefined) return external;
  return isDeepStrictEqual(hostAndPort(own.address), hostAndPort(external.address)) ? undefined : external;
};

const startMissing = async (paths: StackPaths, environment: AddressEnvironment, progress: Progress): Promise<void> => {
  const keeper = await openState(paths.stateFile, { names: portNames, seed: paths.home });
  ensureSecrets(paths);
  const missing: PartName[] = [];
  for (const name of partNames) {
    const own = keeper.state().parts[name];
    const external = externalOf(name, own, environment);
    if (external !== undefined) {
      // One that we started before an address was given would be forgotten, and run for ever.
      if (own?.process !== undefined) await endProcess(own.process);
      keeper.setPart(name, external);
    } else if (!(await runs(own))) missing.push(name);
  }
  if (missing.length === 0) return;
  const contained = (await engineAnswers(environment)) ? missing.filter(isContained) : [];
  if (contained.length > 0) await startContained(contained, { keeper, paths, progress });
  await startNative(
    missing.filter((name) => !contained.some((started) => started === name)),
    { keeper, paths, progress },
  );
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
