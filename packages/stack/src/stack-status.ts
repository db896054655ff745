import { hostAndPort } from './host-and-port.ts';
import { stackPaths, type StackPaths } from './paths.ts';
import { isListening } from './ports.ts';
import { isRunning } from './process-identity.ts';
import { partNames, readState, type PartMode, type PartName, type PartState } from './state-file.ts';

export interface PartStatus {
  readonly name: PartName;
  readonly kind: 'infrastructure';
  readonly pid: number | null;
  readonly port: number | null;
  /** `silent`: its process runs, or should, and nothing answers at its address. */
  readonly state: 'running' | 'silent' | 'stopped';
  readonly restarts: 0;
  readonly ready: boolean;
  readonly mode: PartMode | 'none';
  /** Host and port only: the address of a database would hold its password. */
  readonly address: string;
}

const statusOf = async (name: PartName, part: PartState | undefined): Promise<PartStatus> => {
  const kind = 'infrastructure' as const;
  if (part === undefined)
    return { name, kind, pid: null, port: null, state: 'stopped', restarts: 0, ready: false, mode: 'none', address: '' };
  const { host, port } = hostAndPort(part.address);
  const alive = part.process === undefined || isRunning(part.process);
  const answers = alive && (await isListening(host, port));
  const state = answers ? 'running' : alive ? 'silent' : 'stopped';
  return {
    name,
    kind,
    pid: alive ? (part.process?.pid ?? null) : null,
    port,
    state,
    restarts: 0,
    ready: answers,
    mode: part.mode,
    address: `${host}:${port}`,
  };
};

/** What runs where, asked of the parts themselves. */
export const stackStatus = async (paths: StackPaths = stackPaths()): Promise<PartStatus[]> => {
  const state = readState(paths.stateFile);
  return Promise.all(partNames.map(async (name) => statusOf(name, state?.parts[name])));
};
