import { VigilError } from '@vigil/core';
import { Client } from 'pg';
import { connectionOf, toSourceError, type SourceDatabase } from '../source-database.ts';
import { quoted, type TableShape } from '../table-shape.ts';
import { readLsn, type Lsn } from './lsn.ts';

export interface SlotState {
  /** Up to here everything is safe. */
  readonly confirmed: Lsn;
  readonly walStatus: string;
  /** Log that it keeps. */
  readonly behindBytes: number;
}

/** Null = there is none. */
export async function readSlot(client: Client, slot: string): Promise<SlotState | null> {
  const { rows } = await client.query<{ confirmed: string | null; status: string | null; behind: string | null }>(
    `SELECT confirmed_flush_lsn::text AS confirmed, wal_status AS status,
       pg_wal_lsn_diff(pg_current_wal_flush_lsn(), confirmed_flush_lsn)::text AS behind
     FROM pg_replication_slots WHERE slot_name = $1`,
    [slot],
  );
  const [row] = rows;
  return row ? { confirmed: readLsn(row.confirmed ?? '0/0'), walStatus: row.status ?? 'lost', behindBytes: Number(row.behind ?? 0) } : null;
}

/**
 * Publishes the table where it is not published yet.
 *
 * @throws VigilError TABLE_UNFIT where its updates and deletes would tell no row, and so be refused to its users
 */
export async function ensurePublication(client: Client, shape: TableShape, publication: string): Promise<void> {
  const place = `${shape.schema}.${shape.name}`;
  if (shape.replicaIdentity !== 'f')
    throw new VigilError('TABLE_UNFIT', { detail: `Its owner must first say: ALTER TABLE ${place} REPLICA IDENTITY FULL.` });
  const { rows } = await client.query<{ tables: string[] }>(
    `SELECT coalesce(array_agg(t.schemaname || '.' || t.tablename) FILTER (WHERE t.tablename IS NOT NULL), '{}')::text[]::text AS tables
     FROM pg_publication p LEFT JOIN pg_publication_tables t USING (pubname) WHERE p.pubname = $1 GROUP BY p.pubname`,
    [publication],
  );
  const [found] = rows;
  if (!found) await client.query(`CREATE PUBLICATION ${quoted(publication)} FOR TABLE ${shape.table}`);
  else if (String(found.tables) !== `{${place}}`)
    throw new VigilError('TABLE_UNFIT', { detail: `Publication ${publication} does not hold ${place} alone.` });
}

/** What streaming and reading `max_slot_wal_keep_size` need to be told of once. */
export async function slotRisk(client: Client): Promise<string | null> {
  const { rows } = await client.query<{ keep: string }>(`SELECT current_setting('max_slot_wal_keep_size') AS keep`);
  return rows[0]?.keep === '-1'
    ? 'max_slot_wal_keep_size is not set: while nobody reads the slot, the source keeps its log until its disk is full.'
    : null;
}

export interface ExportedSnapshot {
  readonly snapshot: string;
  /** From here on the slot tells changes; what was committed before is in the snapshot. */
  readonly from: Lsn;
  /** The snapshot lives as long as this connection. */
  readonly close: () => Promise<void>;
}

/** Makes a slot anew, with the state of the database from which on it tells changes. */
export async function createSlot(source: SourceDatabase, client: Client, slot: string): Promise<ExportedSnapshot> {
  const replication = new Client({ ...connectionOf(source), statement_timeout: 0, replication: 'database' } as ConstructorParameters<
    typeof Client
  >[0]);
  replication.on('error', () => undefined);
  try {
    await replication.connect();
    await client.query('SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots WHERE slot_name = $1', [slot]);
    const { rows } = await replication.query<{ snapshot_name: string; consistent_point: string }>(
      `CREATE_REPLICATION_SLOT ${quoted(slot)} LOGICAL pgoutput (SNAPSHOT 'export')`,
    );
    const [made] = rows;
    return { snapshot: made?.snapshot_name ?? '', from: readLsn(made?.consistent_point ?? '0/0'), close: () => replication.end() };
  } catch (error) {
    await replication.end().catch(() => undefined);
    throw toSourceError(error, source.name);
  }
}

export const slotLost = (slot: string, why: string): VigilError => new VigilError('SLOT_LOST', { detail: `Slot ${slot} ${why}.` });
