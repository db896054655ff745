import { stopContained } from './containers/contained-parts.ts';
import { endProcess } from './end-process.ts';
import { withLock } from './lock.ts';
import { stackPaths, type StackPaths } from './paths.ts';
import { silent, type Progress } from './progress.ts';
import { readState, writeState, type PartName, type StackState } from './state-file.ts';

export interface StopOptions {
  readonly progress?: Progress;
  readonly paths?: StackPaths;
}

/** The registry goes before its database; PostgreSQL is asked for its fast shutdown, which does not wait for clients. */
const order: readonly (readonly PartName[])[] = [['registry', 'kafka', 'redis', 'sftp'], ['postgres']];

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
  const { ports, databasePassword } = state;
  return [...stopped, ...(await stopContained(state, { ports, databasePassword, home, progress }))];
};

/** Ends the processes that were recorded, nothing else; data and ports stay. Answers what it stopped. */
export const stopStack = async ({ progress = silent, paths = stackPaths() }: StopOptions = {}): Promise<PartName[]> => {
  const found = readState(paths.stateFile);
  if (found === undefined) return [];
  return withLock(paths.lockFile, async () => {
    // Once there, the file stays; what it says may have changed while another command held the lock.
    const state = { ...found, ...readState(paths.stateFile) };
    const stopped = await stopParts(state, paths.home, progress);
    writeState(paths.stateFile, { ...state, parts: {} });
    return stopped;
  });
};
