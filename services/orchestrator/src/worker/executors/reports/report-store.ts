import type { TaskRequested } from '@vigil/contracts';
import { hashId, toUuid } from '@vigil/core';
import { toDatabaseError } from '@vigil/postgres';
import type { ExecutorDeps } from '../../executor-deps.ts';
import type { Report } from './report.ts';

type Made = Pick<TaskRequested, 'runId' | 'task' | 'part' | 'epoch'>;

const keepSql = `INSERT INTO orchestration.payload (payload_id, run_id, body) VALUES ($1, $2, $3) ON CONFLICT (payload_id) DO NOTHING`;
const ofRunSql = `
  SELECT DISTINCT ON (body->>'task', body->'part') body->>'task' AS task, body->'report' AS report FROM orchestration.payload
  WHERE run_id = $1 AND body->>'kind' = 'report' ORDER BY body->>'task', body->'part', (body->>'epoch')::bigint DESC`;

/** Reports of runs, beside their other payloads, until they are published. An attempt that is repeated replaces what it made before. */
export const createReportStore = (database: ExecutorDeps['database']) => ({
  async keep({ runId, task, part, epoch }: Made, report: Report): Promise<void> {
    const body = JSON.stringify({ kind: 'report', task, part, epoch, report });
    await database.query(keepSql, [toUuid(hashId('report', runId, task, part, epoch)), runId, body]).catch((error: unknown) => {
      throw toDatabaseError(error);
    });
  },
  async ofRun(runId: string): Promise<readonly { readonly task: string; readonly report: Report }[]> {
    const { rows } = await database.query<{ task: string; report: Report }>(ofRunSql, [runId]).catch((error: unknown) => {
      throw toDatabaseError(error);
    });
    return rows;
  },
});
export type ReportStore = ReturnType<typeof createReportStore>;
