import { stackPaths, type StackPaths } from '../paths.ts';
import { isRunning, type ProcessIdentity } from '../process-identity.ts';
import { readJsonFile, writeJsonFile } from '../state-file.ts';
import type { SupervisedStatus } from './supervised-part.ts';

/** What `fleet.json` holds, written by the supervisor at every change. */
export interface FleetState {
  readonly supervisor: ProcessIdentity;
  readonly parts: readonly SupervisedStatus[];
}

export const readFleet = ({ fleetFile }: StackPaths): FleetState | undefined => readJsonFile<FleetState>(fleetFile);

export const writeFleet = ({ fleetFile }: StackPaths, state: FleetState): void => writeJsonFile(fleetFile, state);

export interface FleetPartStatus {
  readonly name: string;
  readonly kind: 'service' | 'infrastructure';
  readonly pid: number | null;
  readonly port: number | null;
  readonly state: string;
  readonly restarts: number;
}

/** The parts that the supervisor keeps, as they are now; none when no fleet was started. */
export const fleetStatus = (paths: StackPaths = stackPaths()): FleetPartStatus[] => {
  const fleet = readFleet(paths);
  if (fleet === undefined) return [];
  const supervised = isRunning(fleet.supervisor);
  return fleet.parts.map(({ name, kind, port, state, process, restarts }) => {
    const alive = process !== null && isRunning(process);
    // Between a death and its notice in the file the recorded state is older than the truth.
    const now = alive ? 'running' : supervised && state !== 'stopped' ? 'waiting' : 'stopped';
    return { name, kind, pid: alive ? process.pid : null, port, state: now, restarts };
  });
};
