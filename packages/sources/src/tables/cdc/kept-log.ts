import { openSourceClient, toSourceError, type SourceDatabase } from '../source-database.ts';

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

/** What a slot keeps; null = there is none. @throws VigilError SOURCE_AWAY, SOURCE_DENIED */
export async function readKeptLog(source: SourceDatabase, slot: string): Promise<KeptLog | null> {
  const client = await openSourceClient(source);
  try {
    const { rows } = await client.query<{ bytes: string; active: boolean }>(keptSql, [slot]);
    const [row] = rows;
    return row ? { bytes: Number(row.bytes), isRead: row.active } : null;
  } catch (error) {
    throw toSourceError(error, source.name);
  } finally {
    await client.end().catch(() => undefined);
  }
}
