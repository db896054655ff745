import { VigilError } from '@vigil/core';
import type { Client } from 'pg';
import { readPosition, type ChangePosition } from './cdc/change-position.ts';
import { TableTruncated } from './cdc/changed-rows.ts';
import { createDueSnapshot } from './cdc/due-snapshot.ts';
import { createSlotFollower } from './cdc/follow-slot.ts';
import { ensurePublication, slotRisk } from './cdc/replication-slot.ts';
import { rowMarks } from './cdc/row-marks.ts';
import { snapshotRows } from './cdc/snapshot-rows.ts';
import type { KeySeal } from './key-seal.ts';
import { lastMemos, type RowState } from './row-state.ts';
import { openSourceClient, stateOf, toSourceError, type SourceDatabase } from './source-database.ts';
import { readTableShape, type TableDeclaration } from './table-shape.ts';
import type { SourcedRow, TableSource } from './table-source.ts';

export interface CdcTableOptions extends SourceDatabase, TableDeclaration {
  readonly state: RowState;
  /** Of this source alone: hashes of its rows mean nothing elsewhere. */
  readonly salt: string;
  readonly seal: KeySeal;
  /** Both have a name of their own for each source and table. */
  readonly slot: string;
  readonly publication: string;
  /** `caught-up`: up to the end that the log has when reading begins. `signal`: for ever. */
  readonly until: 'caught-up' | 'signal';
  /** What to do where changes are missing: tell, or make a new slot and publish what differs. */
  readonly onLost: 'refuse' | 'snapshot';
  /** One sentence for the log of the task. */
  readonly onNotice?: (sentence: string) => void;
  /** How often the slot is looked after. */
  readonly watchMs?: number;
}

const usualWatchMs = 10_000;
const inUse = '55006';
/** The slot is gone, or what it needs is. */
const lostStates: ReadonlySet<string> = new Set(['55000', '42704', '58P01']);

/**
 * A table whose changes are told by its database's log (logical replication, pgoutput): first its rows as of the moment
 * at which the slot begins, then every change since, in order. The slot keeps what was not acknowledged; an idle one
 * moves on with the log.
 *
 * @throws VigilError (from `read`) SLOT_LOST, TABLE_WITHOUT_KEY, TABLE_UNFIT, SOURCE_AWAY, SOURCE_DENIED
 */
export function openCdcTable(options: CdcTableOptions): TableSource {
  const { name, slot, publication, state, salt, seal, onLost, onNotice, watchMs = usualWatchMs } = options;
  const follower = createSlotFollower({ ...options, watchMs });
  const due = createDueSnapshot();

  const failureOf = (error: unknown): unknown => {
    const code = stateOf(error);
    if (code === inUse) return new VigilError('SOURCE_AWAY', { detail: `Slot ${slot} is still held by an earlier reader.`, cause: error });
    return lostStates.has(code)
      ? new VigilError('SLOT_LOST', { detail: `Slot ${slot}, state ${code}.`, cause: error })
      : toSourceError(error, name);
  };
  const beginsAnew = async (client: Client, from: ChangePosition | null): Promise<boolean> => {
    if (from?.kind !== 'change') return true;
    if (onLost === 'refuse') return false;
    return follower.look(client).then(
      () => false,
      () => true,
    );
  };
  async function* read(position: string | null, signal: AbortSignal): AsyncGenerator<SourcedRow> {
    const client = await openSourceClient(options);
    try {
      const shape = await readTableShape(client, options);
      await ensurePublication(client, shape, publication);
      const risk = await slotRisk(client);
      if (risk !== null) onNotice?.(risk);
      const from = readPosition(position);
      const marks = rowMarks(shape.key, salt, seal);
      const isAnew = await beginsAnew(client, from);
      if (isAnew && from?.kind === 'change') yield* due.announce(signal);
      if (isAnew) yield* snapshotRows(client, shape, { ...options, isFirst: from === null });
      try {
        yield* follower.rows(client, marks, isAnew ? null : from, signal);
      } catch (error) {
        // The slot is sound, but what follows the truncation in it says nothing of what stood before.
        if (onLost === 'refuse' || !(error instanceof TableTruncated)) throw error;
        await follower.leave();
        yield* due.announce(signal);
        yield* snapshotRows(client, shape, { ...options, isFirst: false });
        yield* follower.rows(client, marks, null, signal);
      }
    } catch (error) {
      await follower.leave();
      throw failureOf(error);
    } finally {
      // The stream stays: what was read last is acknowledged after the end.
      await client.end().catch(() => undefined);
    }
  }
  return {
    name,
    read,
    async acknowledge(position, memos) {
      await state.remember(name, lastMemos(memos));
      const safe = readPosition(position);
      follower.safe(position, safe?.kind === 'change' ? safe.end : null);
      due.safe(position);
    },
    health: () => follower.health(),
    close() {
      due.stop();
      return follower.close();
    },
  };
}
