import { VigilError } from '@vigil/core';
import type { ReplayJob } from '@vigil/postgres';

/** @throws VigilError REPLAY_UNSUPPORTED, always: why, and what there is instead */
export function refuseCutover({ kind }: ReplayJob): never {
  throw new VigilError('REPLAY_UNSUPPORTED', {
    detail:
      kind === 'sink'
        ? 'A sink is replayed in place: its rows are already the new ones.'
        : 'A stage cannot be cut over yet. An alarm that is open in one state and not in the other would stay open for ever or be raised twice. Start the live stage with the new settings instead, and abandon the run.',
  });
}
