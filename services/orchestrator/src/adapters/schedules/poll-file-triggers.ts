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

/** One look at every source that triggers schedules. @returns how many triggers are new */
export async function pollFileTriggers({ pool, arrivals, onFailed }: FileTriggerOptions): Promise<number> {
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
}
