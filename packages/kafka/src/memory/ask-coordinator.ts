import type { MemoryState } from './memory-state.ts';

/** An error as the client library has it from the broker. */
export const protocolError = (type: string): Error => Object.assign(new Error(type), { name: 'KafkaJSProtocolError', type });

/**
 * How one client asks the coordinators of groups and transactions.
 *
 * @throws what a broker answers that is not, or not yet, the coordinator: NOT_COORDINATOR once after each move, as the
 *   client only then looks for the new one, and COORDINATOR_LOAD_IN_PROGRESS until that one knows everything. Nothing has
 *   happened then.
 */
export type AskCoordinator = () => void;

export function createAskCoordinator({ coordinators, now }: MemoryState): AskCoordinator {
  let knownMoves = coordinators.moves;
  return () => {
    if (knownMoves !== coordinators.moves) {
      knownMoves = coordinators.moves;
      throw protocolError('NOT_COORDINATOR');
    }
    if (now() < coordinators.loadedAtMs) throw protocolError('COORDINATOR_LOAD_IN_PROGRESS');
  };
}
