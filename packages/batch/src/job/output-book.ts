import { toDatabaseError } from '@vigil/postgres';
import type { Pool } from 'pg';
import { createGather } from '../gather/create-gather.ts';
import type { JobOutputs } from './batch-job.ts';

/** What jobs wrote for the batches of runs, in `orchestration.batch_output`. @throws VigilError DATABASE_AWAY */
export interface OutputBook {
  /** May be told again: a job only ever writes more. */
  note(job: string, part: number, outputs: JobOutputs): Promise<void>;
  /** Records by topic of all jobs of a task, over all its attempts. */
  sum(batchId: string, task: string): Promise<Readonly<Record<string, number>>>;
}

interface Entry {
  readonly batchId: string;
  readonly task: string;
  readonly job: string;
  readonly part: number;
  readonly topic: string;
  readonly records: number;
}

// In one order, as locks are taken; a job that is told twice here is one row.
const noteSql = `
  INSERT INTO orchestration.batch_output AS o (batch_id, task, job, part, topic, records)
  SELECT batch_id, task, job, part, topic, max(records)
  FROM unnest($1::text[], $2::text[], $3::text[], $4::integer[], $5::text[], $6::bigint[]) AS n(batch_id, task, job, part, topic, records)
  GROUP BY batch_id, task, job, part, topic ORDER BY batch_id, task, job, part, topic
  ON CONFLICT (batch_id, task, job, part, topic) DO UPDATE SET records = greatest(o.records, EXCLUDED.records)`;
const sumSql = `
  SELECT topic, sum(records)::float8 AS records FROM orchestration.batch_output WHERE batch_id = $1 AND task = $2 GROUP BY topic ORDER BY topic`;

const jobsTogether = 200;

export function createOutputBook(pool: Pick<Pool, 'query'>): OutputBook {
  const query = async <Row extends object>(sql: string, values: unknown[]): Promise<readonly Row[]> => {
    try {
      return (await pool.query<Row>(sql, values)).rows;
    } catch (error) {
      throw toDatabaseError(error);
    }
  };
  const note = createGather<readonly Entry[], void>({
    most: jobsTogether,
    work: async (told) => {
      const entries = told.flat();
      const each = (pick: (entry: Entry) => string | number) => entries.map(pick);
      await query(noteSql, [
        each(({ batchId }) => batchId),
        each(({ task }) => task),
        each(({ job }) => job),
        each(({ part }) => part),
        each(({ topic }) => topic),
        each(({ records }) => records),
      ]);
      return [];
    },
  });
  return {
    async note(job, part, { batchId, task, records }) {
      const entries = Object.entries(records).map(([topic, count]): Entry => ({ batchId, task, job, part, topic, records: count }));
      if (entries.length > 0) await note(entries);
    },
    async sum(batchId, task) {
      const rows = await query<{ topic: string; records: number }>(sumSql, [batchId, task]);
      return Object.fromEntries(rows.map(({ topic, records }) => [topic, records]));
    },
  };
}
