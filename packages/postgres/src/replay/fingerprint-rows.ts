import type { TopicPartition } from '@vigil/kafka';
import type { Pool } from 'pg';
import { toDatabaseError } from '../database-error.ts';

/** What a set of rows is, whatever their order; two equal ones hold the same rows. */
export interface RowsFingerprint {
  readonly rows: number;
  readonly hash: string;
}

export interface RowRange extends TopicPartition {
  readonly fromOffset: number;
  /** Exclusive; null = up to the position of the sink, read in the same snapshot. */
  readonly untilOffset: number | null;
}

export interface FingerprintedRange extends RowsFingerprint {
  /** Position of the sink in the snapshot that the rows come from. */
  readonly position: number;
  /** The end of the range, exclusive. */
  readonly untilOffset: number;
}

interface FingerprintRow {
  readonly position: number;
  readonly until: number;
  readonly rows: number;
  readonly hash: string;
}

/** A row with the name of its table, where there are several: a line that moved to another table is another row. */
const contentSql = (table: string, index: number): string => `
      SELECT ${index === 0 ? '' : `'${table}' || `}(to_jsonb(t) - 'load_id')::text AS content FROM ${table} t
      WHERE t.src_topic = $2 AND t.src_partition = $3 AND t.src_offset >= $4 AND t.src_offset < COALESCE($5, o.next_offset)`;

/**
 * Sums of two independent 64-bit hashes of every row: they do not depend on the order, and unlike an exclusive or they
 * notice a row that is there twice. One statement, so position and rows are of one moment.
 */
const fingerprintSql = (tables: readonly string[]): string => `
  SELECT o.next_offset AS position, COALESCE($5, o.next_offset) AS until, r.rows, r.hash
  FROM engine.sink_offset o, LATERAL (
    SELECT count(*)::bigint AS rows,
           COALESCE(sum(hashtextextended(content, 0)::numeric), 0)::text || '/' || COALESCE(sum(hashtextextended(content, 1)::numeric), 0)::text AS hash
    FROM (${tables.map(contentSql).join(' UNION ALL ')}
    ) contents
  ) r
  WHERE o.sink = $1 AND o.topic = $2 AND o.part = $3`;

/**
 * Fingerprint of what `sink` has loaded from a range of one partition, without the columns that name the load.
 *
 * @param tables  constants of the code, with `src_topic, src_partition, src_offset`
 * @returns null where the sink has no position there
 */
export async function fingerprintRows(
  pool: Pool,
  sink: string,
  { tables, ...range }: RowRange & { readonly tables: readonly string[] },
): Promise<FingerprintedRange | null> {
  try {
    const { topic, partition, fromOffset, untilOffset } = range;
    const { rows } = await pool.query<FingerprintRow>(fingerprintSql(tables), [sink, topic, partition, fromOffset, untilOffset]);
    const [row] = rows;
    return row ? { rows: row.rows, hash: row.hash, position: row.position, untilOffset: row.until } : null;
  } catch (error) {
    throw toDatabaseError(error);
  }
}
