import { rewindSink } from '@vigil/postgres';
import type { ManifestOptions } from './file-manifest.ts';

export interface RewindFilesOptions extends Omit<ManifestOptions, 'directory'> {
  readonly topic: string;
  readonly partition: number;
  readonly toOffset: number;
}

/**
 * Takes a file sink back. Files are whole, so it goes back to the beginning of the file that holds the offset. The
 * files leave the manifest together with the position; the loader removes them when it takes the partition over again.
 *
 * @returns the offset that is read again
 */
export async function rewindFiles(options: RewindFilesOptions): Promise<number> {
  const { pool, sink, manifest, topic, partition, toOffset } = options;
  const { table, topicColumn } = manifest;
  const after = `${topicColumn} = $1 AND part = $2 AND next_offset > $3 AND entered_at IS NOT NULL`;
  const { rows } = await pool.query<{ first: number | null }>(`SELECT min(first_offset) AS first FROM ${table} WHERE ${after}`, [
    topic,
    partition,
    toOffset,
  ]);
  const startOffset = Math.min(rows[0]?.first ?? toOffset, toOffset);
  await rewindSink({
    pool,
    sink,
    topic,
    partition,
    toOffset: startOffset,
    async deleteRows(transaction) {
      const { rowCount } = await transaction.query(`UPDATE ${table} SET entered_at = NULL WHERE ${after}`, [topic, partition, toOffset]);
      return rowCount as number;
    },
  });
  return startOffset;
}
