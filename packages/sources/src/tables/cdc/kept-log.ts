import { VigilError } from '@vigil/core';
import type { Client } from 'pg';
import { openSourceClient, toSourceError, type SourceDatabase } from '../source-database.ts';
import { quoted } from '../table-shape.ts';
import type { SlotNames } from './change-stream.ts';

/** A slot as its database shows it. */
export interface KeptLog {
  /** Of the log that the database may not drop because of it. */
  readonly bytes: number;
  /** Whether somebody reads it now. */
  readonly isRead: boolean;
}

const keptSql = `
  SELECT coalesce(pg_wal_lsn_diff(pg_current_wal_lsn(), restart_lsn), 0)::text AS bytes, active
  FROM pg_replication_slots WHERE slot_name = $1 AND database = current_database()`;

async function withSource<Result>(source: SourceDatabase, work: (client: Client) => Promise<Result>): Promise<Result> {
  const client = await openSourceClient(source);
  try {
    return await work(client);
  } catch (error) {
    throw toSourceError(error, source.name);
  } finally {
    await client.end().catch(() => undefined);
  }
}

async function keptBy(client: Client, slot: string): Promise<KeptLog | null> {
  const { rows } = await client.query<{ bytes: string; active: boolean }>(keptSql, [slot]);
  const [row] = rows;
  return row ? { bytes: Number(row.bytes), isRead: row.active } : null;
}

/** What a slot keeps; null = there is none. @throws VigilError SOURCE_AWAY, SOURCE_DENIED */
export const readKeptLog = (source: SourceDatabase, slot: string): Promise<KeptLog | null> =>
  withSource(source, (client) => keptBy(client, slot));

/**
 * Drops a slot and its publication for good: changes that nobody read are lost with it. What is gone already is left so.
 *
 * @returns what it kept; null = there was none
 * @throws VigilError BAD_USAGE where somebody reads it, SOURCE_AWAY, SOURCE_DENIED
 */
export const dropSlot = (source: SourceDatabase, { slot, publication }: SlotNames): Promise<KeptLog | null> =>
  withSource(source, async (client) => {
    const kept = await keptBy(client, slot);
    if (kept?.isRead) throw new VigilError('BAD_USAGE', { detail: `Slot ${slot} is read now: end its reader first.` });
    if (kept) await client.query('SELECT pg_drop_replication_slot($1)', [slot]);
    await client.query(`DROP PUBLICATION IF EXISTS ${quoted(publication)}`);
    return kept;
  });
