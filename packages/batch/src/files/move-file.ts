import type { FileState } from './file-record.ts';

/** What can happen to a file. */
export type FileEvent =
  | 'settled'
  | 'claimed'
  | 'released'
  | 'staged'
  | 'repeated'
  | 'verified'
  | 'loaded'
  | 'archived'
  | 'quarantined'
  | 'requeued';

const underWay = ['CLAIMED', 'STAGED', 'VERIFIED'] as const;
/** States in which an attempt has a file. */
export const statesUnderWay: readonly FileState[] = underWay;
const from = (states: readonly FileState[], to: FileState): Partial<Record<FileState, FileState>> =>
  Object.fromEntries(states.map((state) => [state, to]));

const moves: Readonly<Record<FileEvent, Partial<Record<FileState, FileState>>>> = {
  settled: from(['DISCOVERED'], 'STABLE'),
  // Of an attempt that died, another takes it up from the beginning.
  claimed: from(['STABLE', ...underWay], 'CLAIMED'),
  // It changed while it was read: it has to settle again.
  released: from(underWay, 'DISCOVERED'),
  staged: from(['CLAIMED'], 'STAGED'),
  repeated: from(['CLAIMED'], 'DUPLICATE'),
  verified: from(['STAGED'], 'VERIFIED'),
  loaded: from(['VERIFIED'], 'LOADED'),
  archived: from(['LOADED'], 'ARCHIVED'),
  quarantined: from(['DISCOVERED', 'STABLE', ...underWay], 'QUARANTINED'),
  // Loaded files stay loaded: their records are in the topic.
  requeued: from(['QUARANTINED', 'DUPLICATE'], 'STABLE'),
};

/** The state that follows; null = nothing of the kind can happen to it now. */
export const moveFile = (state: FileState, event: FileEvent): FileState | null => moves[event][state] ?? null;

/** The states in which an event counts. */
export const statesBefore = (event: FileEvent): readonly FileState[] => Object.keys(moves[event]) as FileState[];
