import type { Client } from 'pg';
import type { KeySeal } from '../key-seal.ts';
import type { RowState } from '../row-state.ts';
import { scanTable } from '../scan-table.ts';
import type { SourceDatabase } from '../source-database.ts';
import type { TableShape } from '../table-shape.ts';
import { hashRangeOf, wholeTable } from '../table-share.ts';
import { markAt, type SourcedRow } from '../table-source.ts';
import { writePosition } from './change-position.ts';
import { createSlot } from './replication-slot.ts';

export interface SnapshotOptions extends SourceDatabase {
  readonly slot: string;
  readonly salt: string;
  readonly state: RowState;
  readonly seal: KeySeal;
  readonly onNotice?: ((sentence: string) => void) | undefined;
}

const fetchRows = 2_000;

/**
 * The table as of the moment at which a new slot begins, compared with what was published last: rows that are new or other, and
 * those that are gone.
 */
export async function* snapshotRows(
  client: Client,
  shape: TableShape,
  { isFirst, ...options }: SnapshotOptions & { readonly isFirst: boolean },
): AsyncGenerator<SourcedRow> {
  const { name: source, slot, salt, state, seal, onNotice } = options;
  const exported = await createSlot(options, client, slot);
  try {
    await client.query('BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY');
    await client.query(`SET TRANSACTION SNAPSHOT '${exported.snapshot.replaceAll("'", '')}'`);
    const position = writePosition({ kind: 'snapshot' });
    const rows = scanTable(client, shape, '', {
      source,
      salt,
      state,
      fetchRows,
      range: hashRangeOf(wholeTable),
      positionOf: () => position,
      change: (isKnown) => (isKnown ? 'update' : isFirst ? 'snapshot' : 'insert'),
      seal,
      onUnknown: (count) => onNotice?.(`${count} rows are gone of which only a hash is known: they stay where they were published.`),
    });
    // The last row says that the snapshot is whole: before it, the next attempt begins it anew and publishes what differs.
    let held: SourcedRow | null = null;
    for await (const row of rows) {
      if (held) yield held;
      held = row;
    }
    const whole = writePosition({ kind: 'change', commit: exported.from, ordinal: 0, end: exported.from });
    yield held ? { ...held, position: whole } : markAt(whole);
    await client.query('COMMIT');
  } finally {
    await exported.close();
  }
}
