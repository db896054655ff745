import { randomBytes } from 'node:crypto';
import { assignPorts } from './ports.ts';
import { readState, writeState, type PartName, type PartState, type StackState } from './state-file.ts';

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
export type StateKeeper = ReturnType<typeof createStateKeeper>;

/** The state of this home, new or found, with a port for each of these names. */
export const openState = async (file: string, { names, seed }: { names: readonly string[]; seed: string }): Promise<StateKeeper> => {
  const found = readState(file);
  const keeper = createStateKeeper(
    file,
    found ?? { version: 1, ports: {}, parts: {}, databasePassword: randomBytes(18).toString('base64url') },
  );
  keeper.change({ ports: await assignPorts({ names, known: keeper.state().ports, seed }) });
  return keeper;
};
