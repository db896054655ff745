import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { VigilError } from '@vigil/core';
import { endProcess } from '../end-process.ts';
import { withLock } from '../lock.ts';
import { stackPaths, type StackPaths } from '../paths.ts';
import { isRunning } from '../process-identity.ts';
import { silent, type Progress } from '../progress.ts';
import { spawnPart, tailOf } from '../spawn-part.ts';
import { passedOn } from './fleet-parts.ts';
import { askPart } from './ask-readiness.ts';
import { readFleet, type FleetState } from './fleet-state.ts';

export interface FleetOptions {
  readonly paths?: StackPaths;
  readonly progress?: Progress;
  /** Parts to start, all when absent; a fleet that runs already is left as it is. */
  readonly names?: readonly string[];
  /** How long the parts may take until they are ready. */
  readonly withinMs?: number;
}

const misconfigured = 78;

const startSupervisor = async (paths: StackPaths, names: readonly string[]): Promise<void> => {
  const logFile = join(paths.logs, 'supervisor.log');
  const supervisor = await spawnPart({
    name: 'supervisor',
    program: process.execPath,
    args: [join(import.meta.dirname, 'main.ts'), ...names],
    env: { ...passedOn(process.env), VIGIL_HOME: paths.home },
    logFile,
  });
  while (readFleet(paths)?.supervisor.pid !== supervisor.pid) {
    if (!isRunning(supervisor))
      throw new VigilError('PART_FAILED', { detail: `The supervisor ended. ${logFile} ends with:\n${tailOf(logFile)}\n` });
    await sleep(50);
  }
};

/** Parts of a supervisor that was killed run on without it: they are ended before others take their place. */
export const endOrphans = async ({ parts }: FleetState): Promise<string[]> => {
  const ended = await Promise.all(parts.map(async ({ name, process }) => (process !== null && (await endProcess(process)) ? [name] : [])));
  return ended.flat();
};

const failure = (code: 'BAD_SETTINGS' | 'PART_FAILED', paths: StackPaths, names: readonly string[]): VigilError => {
  const logs = names.map((name) => `\n${name}:\n${tailOf(join(paths.logs, `${name}.log`))}`);
  return new VigilError(code, {
    detail: `${names.join(', ')} ${code === 'BAD_SETTINGS' ? 'refused the settings' : 'did not become ready'}.${logs.join('')}\n`,
  });
};

export interface FleetWait {
  readonly paths: StackPaths;
  readonly progress: Progress;
  readonly withinMs?: number;
}

/** Waits until every part says of itself that it is ready, or that it is halted; a part that refuses its settings ends the wait. */
export const waitForFleet = async ({ paths, progress, withinMs = 180_000 }: FleetWait): Promise<void> => {
  const until = performance.now() + withinMs;
  const settled = new Set<string>();
  for (;;) {
    // The supervisor wrote it before anybody waits.
    const { parts } = readFleet(paths) as FleetState;
    const refused = parts.filter(({ lastExit, state }) => state !== 'running' && lastExit === misconfigured).map(({ name }) => name);
    if (refused.length > 0) throw failure('BAD_SETTINGS', paths, refused);
    for (const part of parts) {
      if (settled.has(part.name)) continue;
      const { ready, reason } = await askPart(part);
      // Nothing but a person ends a halt: whoever starts the fleet to resume it must not wait for that.
      if (!ready && reason !== 'halted') continue;
      settled.add(part.name);
      progress(ready ? `${part.name} is ready` : `${part.name} is halted until it is resumed: vigil resume`);
    }
    const missing = parts.filter(({ name }) => !settled.has(name)).map(({ name }) => name);
    if (missing.length === 0) return;
    if (performance.now() > until) throw failure('PART_FAILED', paths, missing);
    await sleep(100);
  }
};

/** Starts the fleet's supervisor in the background unless it runs, and waits until every part is ready. */
export const startFleet = async ({ paths = stackPaths(), progress = silent, names = ['all'], ...options }: FleetOptions): Promise<void> => {
  await withLock(`${paths.lockFile}.fleet`, async () => {
    const found = readFleet(paths);
    if (found !== undefined && isRunning(found.supervisor)) return;
    if (found !== undefined) await endOrphans(found);
    progress('starting the fleet');
    await startSupervisor(paths, names);
  });
  await waitForFleet({ paths, progress, ...options });
};

/** Stops the supervisor, which stops its parts, and whatever of them is left. Answers the names of what was running. */
export const stopFleet = async ({ paths = stackPaths(), progress = silent }: FleetOptions): Promise<string[]> => {
  const found = readFleet(paths);
  if (found === undefined) return [];
  return withLock(`${paths.lockFile}.fleet`, async () => {
    const running = found.parts.filter(({ process }) => process !== null && isRunning(process)).map(({ name }) => name);
    if (running.length > 0) progress(`stopping ${running.join(', ')}`);
    await endProcess(found.supervisor, { withinMs: 40_000 });
    await endOrphans({ ...found, ...readFleet(paths) });
    return running;
  });
};
