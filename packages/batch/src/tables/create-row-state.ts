import { inTransaction, toDatabaseError, type createPool } from '@vigil/postgres';
import type { RowMemo, RowState } from '@vigil/sources';

/** What was published last of each row, in `orchestration.table_row`. @throws VigilError DATABASE_AWAY */
export function createRowState(pool: ReturnType<typeof createPool>): RowState {
  const known: RowState['known'] = async (source, keys) => {
    try {
      const { rows } = await pool.query<{ key: string; content: string }>(
        `SELECT replace(key_hash::text, '-', '') AS key, replace(content_hash::text, '-', '') AS content
         FROM orchestration.table_row WHERE source = $1 AND key_hash = ANY ($2::uuid[])`,
        [source, keys],
      );
      return new Map(rows.map(({ key, content }) => [key, content]));
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
        `INSERT INTO orchestration.table_row (source, key_hash, content_hash)
         SELECT $1, * FROM unnest($2::uuid[], $3::uuid[])
         ON CONFLICT (source, key_hash) DO UPDATE SET content_hash = EXCLUDED.content_hash, changed_at = clock_timestamp()`,
        [source, kept.map(({ key }) => key), kept.map(({ content }) => content)],
      );
    });
  };
  return { known, remember };
}
