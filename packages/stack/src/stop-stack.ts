import { composeDown } from './containers/compose.ts';
import { endProcess } from './end-process.ts';
import { withLock } from './lock.ts';
import { stackPaths, type StackPaths } from './paths.ts';
import { silent, type Progress } from './progress.ts';
import { partNames, readState, writeState, type PartName, type StackState } from './state-file.ts';

export interface StopOptions {
  readonly progress?: Progress;
  readonly paths?: StackPaths;
}

/** The registry goes before its database; PostgreSQL is asked for its fast shutdown, which does not wait for clients. */
const order: readonly (readonly PartName[])[] = [['registry', 'kafka', 'redis'], ['postgres']];

const stopParts = async (state: StackState, home: string, progress: Progress): Promise<PartName[]> => {
  const stopped: PartName[] = [];
  for (const names of order) {
    await Promise.all(
      names.map(async (name) => {
        const { process } = state.parts[name] ?? {};
        if (process === undefined || !(await endProcess(process, { signal: name === 'postgres' ? 'SIGINT' : 'SIGTERM' }))) return;
        progress(`${name} is down`);
        stopped.push(name);
      }),
    );
  }
  const contained = partNames.filter((name) => state.parts[name]?.mode === 'compose');
  if (contained.length > 0) await composeDown({ ports: state.ports, databasePassword: state.databasePassword, home, progress });
  return [...stopped, ...contained];
};

/** Ends the processes that were recorded, nothing else; data and ports stay. Answers what it stopped. */
export const stopStack = async ({ progress = silent, paths = stackPaths() }: StopOptions = {}): Promise<PartName[]> => {
  if (readState(paths.stateFile) === undefined) return [];
  return withLock(paths.lockFile, async () => {
    const state = readState(paths.stateFile);
    if (state === undefined) return [];
    const stopped = await stopParts(state, paths.home, progress);
    writeState(paths.stateFile, { ...state, parts: {} });
    return stopped;
  });
};
