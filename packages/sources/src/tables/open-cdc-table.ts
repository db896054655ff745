import { VigilError } from '@vigil/core';
import type { Client } from 'pg';
import { isBehind, readPosition, writePosition, type ChangePosition } from './cdc/change-position.ts';
import { openChangeStream, type ChangedColumn, type ChangeStream, type LogEvent, type Tuple } from './cdc/change-stream.ts';
import { readLsn, type Lsn } from './cdc/lsn.ts';
import { createSlot, ensurePublication, readSlot, slotLost, slotRisk } from './cdc/replication-slot.ts';
import { hashOf, lastMemos, memoOf, type RowState } from './row-state.ts';
import { scanTable } from './scan-table.ts';
import { openSourceClient, stateOf, toSourceError, valueOf, type SourceDatabase } from './source-database.ts';
import { readTableShape, type TableDeclaration, type TableShape } from './table-shape.ts';
import type { SourcedRow, SourceRow, TableSource } from './table-source.ts';

export interface CdcTableOptions extends SourceDatabase, TableDeclaration {
  readonly state: RowState;
  /** Of this source alone: hashes of its rows mean nothing elsewhere. */
  readonly salt: string;
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

const pingMs = 200;
const usualWatchMs = 10_000;
const fetchRows = 2_000;
const inUse = '55006';
/** The slot is gone, or what it needs is. */
const lostStates: ReadonlySet<string> = new Set(['55000', '42704', '58P01']);

function rowOf(tuple: Tuple, columns: readonly ChangedColumn[]): SourceRow {
  return Object.fromEntries(columns.map(({ name, typeOid }) => [name, valueOf(typeOid, tuple[name] ?? null)]));
}

interface Hashes {
  readonly key: (tuple: Tuple) => string;
  readonly content: (tuple: Tuple, columns: readonly ChangedColumn[]) => string;
}

type ToldChange = Pick<SourcedRow, 'change' | 'row' | 'memo'>;

/** A change as rows: one, or two where the key of a row changed. */
function toldOf({ before, after, columns }: Extract<LogEvent, { kind: 'change' }>, hashes: Hashes): readonly ToldChange[] {
  const told: ToldChange[] = [];
  const oldKey = before && hashes.key(before);
  const newKey = after && hashes.key(after);
  if (before && oldKey !== null && oldKey !== newKey)
    told.push({ change: 'delete', row: rowOf(before, columns), memo: memoOf(oldKey, null) });
  if (after && newKey !== null)
    told.push({
      change: oldKey === newKey ? 'update' : 'insert',
      row: rowOf(after, columns),
      memo: memoOf(newKey, hashes.content(after, columns)),
    });
  return told;
}

class TableTruncated extends VigilError {
  constructor() {
    super('TABLE_UNFIT', { detail: 'It was truncated: run the task with snapshot: again.' });
  }
}

/** Rows of the log behind `from`. Each row is held until the next event, so that the last of its transaction can say so. */
async function* changesOf(
  events: AsyncIterable<LogEvent>,
  from: ChangePosition | null,
  hashes: Hashes,
  onIdle: (lsn: Lsn) => 'go-on' | 'end',
) {
  let commit: Lsn = 0n;
  let atMs = 0;
  let ordinal = 0;
  let held: (ToldChange & { readonly ordinal: number }) | null = null;
  const release = ({ ordinal: at, ...told }: NonNullable<typeof held>, end: Lsn | null): SourcedRow => {
    const position = writePosition({ kind: 'change', commit, ordinal: at, end });
    return { ...told, position, place: `${position.split(' ')[0]}, change ${at}`, changedAtMs: Math.floor(atMs) };
  };
  for await (const event of events) {
    if (event.kind === 'truncate') throw new TableTruncated();
    if (event.kind === 'begin') ({ commit, atMs } = event);
    if (event.kind === 'begin') ordinal = 0;
    for (const told of event.kind === 'change' ? toldOf(event, hashes) : []) {
      if (held) yield release(held, null);
      ordinal++;
      held = isBehind(from, commit, ordinal) ? null : { ...told, ordinal };
    }
    if (event.kind === 'commit' && held) {
      yield release(held, event.end);
      held = null;
    }
    if (event.kind === 'idle' && onIdle(event.lsn) === 'end') return;
  }
}

/**
 * A table whose changes are told by its database's log (logical replication, pgoutput): first its rows as of the moment
 * at which the slot begins, then every change since, in order. The slot keeps what was not acknowledged; an idle one
 * moves on with the log.
 *
 * @throws VigilError (from `read`) SLOT_LOST, TABLE_WITHOUT_KEY, TABLE_UNFIT, SOURCE_AWAY, SOURCE_DENIED
 */
export function openCdcTable(options: CdcTableOptions): TableSource {
  const { name, slot, publication, state, salt, until, onLost, onNotice, watchMs = usualWatchMs } = options;
  let stream: ChangeStream | null = null;
  /** Told last, and not known to be safe. */
  let pending: string | null = null;
  let stop: (() => void) | null = null;

  async function* snapshotRows(client: Client, shape: TableShape, isFirst: boolean): AsyncGenerator<SourcedRow> {
    const exported = await createSlot(options, client, slot);
    try {
      await client.query('BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY');
      await client.query(`SET TRANSACTION SNAPSHOT '${exported.snapshot.replaceAll("'", '')}'`);
      const position = writePosition({ kind: 'snapshot' });
      const end = writePosition({ kind: 'change', commit: exported.from, ordinal: 0, end: exported.from });
      const change = (isKnown: boolean): SourcedRow['change'] => (isKnown ? 'update' : isFirst ? 'snapshot' : 'insert');
      const rows = scanTable(client, shape, '', { source: name, salt, state, fetchRows, positionOf: () => position, change });
      // The last row says that the snapshot is whole: before it, the next attempt begins it anew and publishes what differs.
      let held: SourcedRow | null = null;
      for await (const row of rows) {
        if (held) yield held;
        held = row;
      }
      if (held) yield { ...held, position: end };
      await client.query('COMMIT');
    } finally {
      await exported.close();
    }
  }
  const hashesOf = ({ key }: TableShape): Hashes => ({
    key: (tuple) =>
      hashOf(
        salt,
        key.map((column) => tuple[column] ?? null),
      ),
    content: (tuple, columns) =>
      hashOf(
        salt,
        columns.map((column) => tuple[column.name] ?? null),
      ),
  });
  const look = async (client: Client): Promise<Lsn> => {
    const found = await readSlot(client, slot);
    if (!found) throw slotLost(slot, 'is not there');
    if (found.walStatus === 'lost') throw slotLost(slot, 'was lost: it kept more than max_slot_wal_keep_size');
    if (found.walStatus === 'unreserved') onNotice?.(`Slot ${slot} is about to be lost: read it faster, or raise max_slot_wal_keep_size.`);
    return found.confirmed;
  };
  async function* streamedRows(client: Client, shape: TableShape, from: ChangePosition | null, signal: AbortSignal) {
    const confirmed = await look(client);
    const { rows } = await client.query<{ lsn: string }>('SELECT pg_current_wal_flush_lsn()::text AS lsn');
    const end = readLsn(rows[0]?.lsn ?? '0/0');
    await stream?.close();
    const following = (stream = openChangeStream(options, { slot, publication }, confirmed));
    const stopped = Promise.withResolvers<never>();
    stopped.promise.catch(() => undefined);
    const onAbort = (): void => stopped.reject(new VigilError('JOB_STOPPED'));
    stop = onAbort;
    signal.addEventListener('abort', onAbort);
    if (signal.aborted) onAbort();
    const watch = setInterval(() => void look(client).catch((error: unknown) => stopped.reject(error)), watchMs);
    const ping = setInterval(() => following.confirm(0n, 'ping'), until === 'caught-up' ? pingMs : watchMs);
    const onIdle = (lsn: Lsn): 'go-on' | 'end' => {
      if (pending === null) following.confirm(lsn);
      return until === 'caught-up' && lsn >= end ? 'end' : 'go-on';
    };
    const changes = changesOf(following, from, hashesOf(shape), onIdle);
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
      signal.removeEventListener('abort', onAbort);
    }
  }
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
    return look(client).then(
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
      const isAnew = await beginsAnew(client, from);
      if (isAnew) yield* snapshotRows(client, shape, from === null);
      try {
        yield* streamedRows(client, shape, isAnew ? null : from, signal);
      } catch (error) {
        // The slot is sound, but what follows the truncation in it says nothing of what stood before.
        if (onLost === 'refuse' || !(error instanceof TableTruncated)) throw error;
        await stream?.close();
        yield* snapshotRows(client, shape, false);
        yield* streamedRows(client, shape, null, signal);
      }
    } catch (error) {
      await stream?.close();
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
      if (position === pending) pending = null;
      const safe = readPosition(position);
      if (safe?.kind === 'change' && safe.end !== null) stream?.confirm(safe.end);
    },
    async close() {
      stop?.();
      await stream?.close();
    },
  };
}
