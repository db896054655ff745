import { toDatabaseError } from '@vigil/postgres';
import type { Pool } from 'pg';
import type { JobOutputs } from './batch-job.ts';

/** What jobs wrote for the batches of runs, in `orchestration.batch_output`. @throws VigilError DATABASE_AWAY */
export interface OutputBook {
  /** May be told again: a job only ever writes more. */
  note(job: string, part: number, outputs: JobOutputs): Promise<void>;
  /** Records by topic of all jobs of a task, over all its attempts. */
  sum(batchId: string, task: string): Promise<Readonly<Record<string, number>>>;
}

const noteSql = `
  INSERT INTO orchestration.batch_output AS o (batch_id, task, job, part, topic, records)
  SELECT $1, $2, $3, $4, * FROM unnest($5::text[], $6::bigint[])
  ON CONFLICT (batch_id, task, job, part, topic) DO UPDATE SET records = greatest(o.records, EXCLUDED.records)`;
const sumSql = `
  SELECT topic, sum(records)::float8 AS records FROM orchestration.batch_output WHERE batch_id = $1 AND task = $2 GROUP BY topic ORDER BY topic`;

export const createOutputBook = (pool: Pick<Pool, 'query'>): OutputBook => ({
  async note(job, part, { batchId, task, records }) {
    const topics = Object.keys(records);
    if (topics.length === 0) return;
    try {
      await pool.query(noteSql, [batchId, task, job, part, topics, Object.values(records)]);
    } catch (error) {
      throw toDatabaseError(error);
    }
  },
  async sum(batchId, task) {
    try {
      const { rows } = await pool.query<{ topic: string; records: number }>(sumSql, [batchId, task]);
      return Object.fromEntries(rows.map(({ topic, records }) => [topic, records]));
    } catch (error) {
      throw toDatabaseError(error);
    }
  },
});
