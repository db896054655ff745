import { inTransaction, toDatabaseError, type createPool } from '@vigil/postgres';
import type { KnownRow, ResealedRow, RowMemo, RowState } from '@vigil/sources';

const rowsAtOnce = 2_000;

const betweenSql = `
  SELECT replace(key_hash::text, '-', '') AS key, sealed_key AS sealed FROM orchestration.table_row
  WHERE source = $1 AND ($2::uuid IS NULL OR key_hash > $2) AND key_hash <= $3::uuid ORDER BY key_hash LIMIT ${rowsAtOnce}`;

const resealSql = `
  UPDATE orchestration.table_row AS kept SET sealed_key = given.sealed_key
  FROM unnest($2::uuid[], $3::text[]) AS given (key_hash, sealed_key) WHERE kept.source = $1 AND kept.key_hash = given.key_hash`;

/** What was published last of each row, in `orchestration.table_row`. @throws VigilError DATABASE_AWAY */
export function createRowState(pool: ReturnType<typeof createPool>): RowState {
  const known: RowState['known'] = async (source, keys) => {
    try {
      const { rows } = await pool.query<{ key: string } & KnownRow>(
        `SELECT replace(key_hash::text, '-', '') AS key, replace(content_hash::text, '-', '') AS content,
           sealed_key AS "sealedKey"
         FROM orchestration.table_row WHERE source = $1 AND key_hash = ANY ($2::uuid[])`,
        [source, keys],
      );
      return new Map(rows.map(({ key, ...row }) => [key, row]));
    } catch (error) {
      throw toDatabaseError(error);
    }
  };
  const between: RowState['between'] = async (source, { after, upTo }) => {
    try {
      const { rows } = await pool.query<{ key: string; sealed: string | null }>(betweenSql, [source, after === '' ? null : after, upTo]);
      return rows.map(({ key, sealed }) => ({ key, sealedKey: sealed }));
    } catch (error) {
      throw toDatabaseError(error);
    }
  };
  const remember = async (source: string, memos: readonly RowMemo[]): Promise<void> => {
    const [kept, gone] = [memos.filter(({ content }) => content !== null), memos.filter(({ content }) => content === null)];
    if (memos.length === 0) return;
    await inTransaction(pool, async (transaction) => {
      await transaction.query('DELETE FROM orchestration.table_row WHERE source = $1 AND key_hash = ANY ($2::uuid[])', [
        source,
        gone.map(({ key }) => key),
      ]);
      await transaction.query(
        `INSERT INTO orchestration.table_row (source, key_hash, content_hash, sealed_key)
         SELECT $1, * FROM unnest($2::uuid[], $3::uuid[], $4::text[])
         ON CONFLICT (source, key_hash) DO UPDATE
         SET content_hash = EXCLUDED.content_hash, sealed_key = EXCLUDED.sealed_key, changed_at = clock_timestamp()`,
        [source, kept.map(({ key }) => key), kept.map(({ content }) => content), kept.map(({ sealedKey }) => sealedKey)],
      );
    });
  };
  const reseal = async (source: string, rows: readonly ResealedRow[]): Promise<void> => {
    if (rows.length === 0) return;
    try {
      await pool.query(resealSql, [source, rows.map(({ key }) => key), rows.map(({ sealedKey }) => sealedKey)]);
    } catch (error) {
      throw toDatabaseError(error);
    }
  };
  return { known, between, remember, reseal };
}
