import { inTransaction } from '@vigil/postgres';
import type pg from 'pg';
import type { FileArrivals } from '../../domain/schedules/file-arrivals.ts';
import { recordTriggers, type Trigger } from './take-triggers.ts';

const schedulesSql = `
  SELECT s.schedule_id AS "scheduleId", s.spec->>'source' AS source, s.spec->>'pattern' AS pattern
  FROM orchestration.schedule s JOIN orchestration.workflow w USING (workflow) WHERE s.kind = 'file' AND s.enabled AND w.enabled
  ORDER BY s.schedule_id`;

interface FileSchedule {
  readonly scheduleId: string;
  readonly source: string;
  readonly pattern: string;
}

export interface FileTriggerOptions {
  readonly pool: pg.Pool;
  readonly arrivals: FileArrivals;
  /** A source could not be looked at; the others are. */
  readonly onFailed: (source: string, error: unknown) => void;
}

/** Any constant. */
const advisoryLock = 7_236_531;

/** Runs `work` unless another process is at it: two that list a source at once would count its files as looked at twice. */
async function alone(pool: pg.Pool, work: () => Promise<number>): Promise<number> {
  const client = await pool.connect();
  let broken = true;
  try {
    const { rows } = await client.query<{ held: boolean }>('SELECT pg_try_advisory_lock($1) AS held', [advisoryLock]);
    const done = rows[0]?.held === true ? await work() : 0;
    if (rows[0]?.held === true) await client.query('SELECT pg_advisory_unlock($1)', [advisoryLock]);
    broken = false;
    return done;
  } finally {
    // The lock goes with the connection, where it was not given back.
    client.release(broken);
  }
}

/** One look at every source that triggers schedules, by one process at a time. @returns how many triggers are new */
export const pollFileTriggers = ({ pool, arrivals, onFailed }: FileTriggerOptions): Promise<number> =>
  alone(pool, async () => {
    const { rows: schedules } = await pool.query<FileSchedule>(schedulesSql);
    const look = async ({ scheduleId, source, pattern }: FileSchedule): Promise<Trigger[]> => {
      try {
        const files = await arrivals.poll(source, pattern);
        return files.map(({ fileId }) => ({ scheduleId, cause: `file:${fileId}`, detail: { source, fileId } }));
      } catch (error) {
        onFailed(source, error);
        return [];
      }
    };
    // A look waits for files to come to rest: one must not wait for the other.
    const triggers = (await Promise.all(schedules.map(look))).flat();
    return inTransaction(pool, (transaction) => recordTriggers(transaction, triggers));
  });
