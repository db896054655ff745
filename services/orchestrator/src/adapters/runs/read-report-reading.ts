import { topics } from '@vigil/contracts';
import type { AdminClient } from '@vigil/kafka';
import { inTransaction, readPositions } from '@vigil/postgres';
import type pg from 'pg';
import type { ReportReading } from '../../domain/runs/trust-silence.ts';
import { reportSink } from './create-report-target.ts';

/** How far all replicas together have taken the reports of workers in. The ends first: what comes meanwhile is no lag. */
export const createReadReportReading = (admin: AdminClient, pool: pg.Pool) => async (): Promise<ReportReading> => {
  const { name } = topics.taskReported;
  const ends = await admin.stableOffsets(name);
  const stored = await inTransaction(pool, (transaction) => readPositions(transaction, reportSink.name));
  const own = stored.filter(({ topic }) => topic === name);
  return { ends, positions: new Map(own.map(({ partition, nextOffset }) => [partition, nextOffset])) };
};
