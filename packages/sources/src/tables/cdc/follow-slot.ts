import { VigilError } from '@vigil/core';
import type { Client } from 'pg';
import type { SourceDatabase } from '../source-database.ts';
import type { SourcedRow } from '../table-source.ts';
import type { ChangePosition } from './change-position.ts';
import { openChangeStream, type ChangeStream, type SlotNames } from './change-stream.ts';
import { changedRows } from './changed-rows.ts';
import { readLsn, type Lsn } from './lsn.ts';
import { readSlot, slotLost } from './replication-slot.ts';
import type { RowMarks } from './row-marks.ts';
import { createSlotHealth, type FollowHealth } from './slot-health.ts';

export interface FollowOptions extends SourceDatabase, SlotNames {
  /** `caught-up`: up to the end that the log has when reading begins. `signal`: for ever. */
  readonly until: 'caught-up' | 'signal';
  readonly watchMs: number;
  readonly onNotice?: ((sentence: string) => void) | undefined;
}

/** Reads a slot, and tells it what is safe. */
export interface SlotFollower {
  /** @throws VigilError SLOT_LOST */
  look(client: Client): Promise<Lsn>;
  rows(client: Client, marks: RowMarks, from: ChangePosition | null, signal: AbortSignal): AsyncGenerator<SourcedRow>;
  /** Everything up to a row is safe. @param end  behind its transaction, where it was the last of it */
  safe(position: string, end: Lsn | null): void;
  health(): FollowHealth;
  /** Ends the stream; the next `rows` opens another. */
  leave(): Promise<void>;
  /** For good. */
  close(): Promise<void>;
}

const pingMs = 200;
/** So many looks without a step forward. */
const stalledLooks = 6;

/** Rejects when the signal is raised, or by `stop`. */
function stopping(signal: AbortSignal) {
  const stopped = Promise.withResolvers<never>();
  stopped.promise.catch(() => undefined);
  const stop = (): void => stopped.reject(new VigilError('JOB_STOPPED'));
  signal.addEventListener('abort', stop);
  if (signal.aborted) stop();
  return { promise: stopped.promise, reject: stopped.reject, stop, forget: () => signal.removeEventListener('abort', stop) };
}

export function createSlotFollower(options: FollowOptions): SlotFollower {
  const { slot, publication, until, watchMs, onNotice } = options;
  const seen = createSlotHealth({ stalledMs: stalledLooks * watchMs, nowMs: () => performance.now() });
  let stream: ChangeStream | null = null;
  /** Told last, and not known to be safe. */
  let pending: string | null = null;
  let stop: (() => void) | null = null;

  const look = async (client: Client): Promise<Lsn> => {
    const found = await readSlot(client, slot);
    if (!found) throw slotLost(slot, 'is not there');
    if (found.walStatus === 'lost') throw slotLost(slot, 'was lost: it kept more than max_slot_wal_keep_size');
    if (found.walStatus === 'unreserved') onNotice?.(`Slot ${slot} is about to be lost: read it faster, or raise max_slot_wal_keep_size.`);
    seen.looked(found);
    return found.confirmed;
  };
  async function* rows(client: Client, marks: RowMarks, from: ChangePosition | null, signal: AbortSignal): AsyncGenerator<SourcedRow> {
    const confirmed = await look(client);
    const { rows: ends } = await client.query<{ lsn: string }>('SELECT pg_current_wal_flush_lsn()::text AS lsn');
    const end = readLsn(ends[0]?.lsn ?? '0/0');
    await stream?.close();
    const following = (stream = openChangeStream(options, { slot, publication }, confirmed));
    const stopped = stopping(signal);
    ({ stop } = stopped);
    const watch = setInterval(() => void look(client).catch(stopped.reject), watchMs);
    const ping = setInterval(() => following.confirm(0n, 'ping'), until === 'caught-up' ? pingMs : watchMs);
    const onIdle = (lsn: Lsn): 'go-on' | 'end' => {
      if (pending === null) {
        following.confirm(lsn);
        seen.caughtUp();
      }
      return until === 'caught-up' && lsn >= end ? 'end' : 'go-on';
    };
    const changes = changedRows(following, { from, marks, onIdle });
    try {
      for (;;) {
        const next = await Promise.race([changes.next(), stopped.promise]);
        if (next.done) return;
        pending = next.value.position;
        yield next.value;
      }
    } finally {
      clearInterval(watch);
      clearInterval(ping);
      stopped.forget();
    }
  }
  return {
    look,
    rows,
    safe(position, end) {
      if (position === pending) pending = null;
      if (end !== null) stream?.confirm(end);
    },
    health: () => seen.health(),
    async leave() {
      pending = null;
      await stream?.close();
    },
    async close() {
      stop?.();
      await stream?.close();
    },
  };
}
