import type { Lsn } from './lsn.ts';

export type FollowHealth = 'ok' | 'behind' | 'stalled';

/** A segment of the log: what lies within one is under way. */
const littleBytes = 16 * 1024 * 1024;

/** How well a slot is read, by what is seen of it now and then. */
export interface SlotHealth {
  /** @param behindBytes  log that the slot keeps */
  looked(seen: { readonly confirmed: Lsn; readonly behindBytes: number }): void;
  /** Everything that there is was told, and is safe. */
  caughtUp(): void;
  health(): FollowHealth;
}

/**
 * `behind`: more than a segment of the log is unread; `stalled`: and for so long nothing of it was read.
 *
 * @param nowMs  of a clock that never goes back
 */
export function createSlotHealth({ stalledMs, nowMs }: { readonly stalledMs: number; readonly nowMs: () => number }): SlotHealth {
  let confirmed: Lsn = 0n;
  let movedAtMs = nowMs();
  let isBehind = false;
  return {
    looked(seen) {
      if (seen.confirmed !== confirmed) movedAtMs = nowMs();
      confirmed = seen.confirmed;
      isBehind = seen.behindBytes > littleBytes;
    },
    caughtUp() {
      movedAtMs = nowMs();
      isBehind = false;
    },
    health: () => (!isBehind ? 'ok' : nowMs() - movedAtMs < stalledMs ? 'behind' : 'stalled'),
  };
}
