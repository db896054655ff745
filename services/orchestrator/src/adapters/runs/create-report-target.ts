import { topics, workflowPools, type TaskReported } from '@vigil/contracts';
import { slicesOf, type SinkBatch, type SinkRecord, type SinkSpec, type SinkTarget, type SliceEffects } from '@vigil/kafka';
import { createPostgresTarget, type Transaction } from '@vigil/postgres';
import type pg from 'pg';
import type { StepInput, StepResult } from '../../domain/runs/ports.ts';
import { reportToInput } from '../../domain/runs/report-to-input.ts';
import type { Stepped, Stepper } from './create-stepper.ts';
import type { Aftermath } from './save-steps.ts';

/** Reports of workers end as steps; a flow of short tasks must not wait for a batch to fill. */
export const reportSink: SinkSpec = {
  name: 'orchestrator',
  sources: [{ topic: topics.taskReported, read: 'decoded' }],
  limits: { maxRecords: 500, maxWaitMs: 10, idleMs: 2 },
};

export interface ReportTargetOptions {
  readonly pool: pg.Pool;
  readonly stepper: Stepper;
  readonly claimMs: number;
  /** No worker may ask to be believed for longer. */
  readonly maxLeaseMs: number;
  readonly settle: (aftermath: Aftermath) => void;
  readonly onReported: (counts: ReportCounts) => void;
}

export interface ReportCounts {
  readonly taken: number;
  readonly ignored: number;
  readonly duplicates: number;
  /** Of runs that are not known, or unreadable. */
  readonly unknown: number;
}

type Reported = SinkRecord<TaskReported>;

interface Held {
  readonly runId: string;
  readonly task: string;
  readonly part: number;
  readonly epoch: number;
  readonly leaseMs: number;
}

const renewSql = `
  WITH held AS (
    SELECT DISTINCT ON (t.run_id, t.task, t.part) t.run_id, t.task, t.part, h.lease_ms
    FROM unnest($1::text[], $2::text[], $3::integer[], $4::bigint[], $5::bigint[]) AS h (run_id, task, part, epoch, lease_ms)
    JOIN orchestration.task_run t ON t.run_id::text = h.run_id AND t.task = h.task AND t.part = h.part AND t.epoch = h.epoch
    WHERE t.state IN ('requested', 'running', 'stopping')
  ), free AS (
    SELECT t.run_id, t.task, t.part, h.lease_ms FROM held h JOIN orchestration.task_run t USING (run_id, task, part) FOR UPDATE OF t SKIP LOCKED
  )
  UPDATE orchestration.task_run t SET lease_until = CASE WHEN f.lease_ms = 0 THEN clock_timestamp()
    ELSE greatest(t.lease_until, clock_timestamp() + f.lease_ms * interval '1 millisecond') END
  FROM free f WHERE t.run_id = f.run_id AND t.task = f.task AND t.part = f.part`;

const seenSql = `
  INSERT INTO orchestration.worker (worker, pool) SELECT worker, pool FROM unnest($1::text[], $2::text[]) AS w (worker, pool) ORDER BY 1, 2
  ON CONFLICT (worker, pool) DO UPDATE SET seen_at = clock_timestamp()
  WHERE worker.seen_at < clock_timestamp() - interval '1 second'`;

/** A worker's name begins with its pools: `default+batch@host/…`. */
const poolsOf = (worker: string): readonly string[] => {
  const named = worker.split('@', 1)[0]?.split('+') ?? [];
  return workflowPools.filter((pool) => named.includes(pool));
};

const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

const heldOf = ({ leases, leaseMs }: TaskReported, maxLeaseMs: number): Held[] =>
  leases.filter(({ runId }) => uuid.test(runId)).map((lease) => ({ ...lease, leaseMs: Math.min(leaseMs, maxLeaseMs) }));

/**
 * Renews leases (or ends those that a worker gives back with 0 ms) and remembers who was heard of. In statements of their own, before the steps: told twice does no harm, and a
 * transaction that holds the locks of some runs must not ask for rows of others.
 */
async function hear(pool: pg.Pool, reports: readonly TaskReported[], maxLeaseMs: number): Promise<void> {
  const names = [...new Set(reports.map(({ worker }) => worker))];
  const workers = names.flatMap((worker) => poolsOf(worker).map((own) => [worker, own] as const));
  const values = [workers.map(([worker]) => worker), workers.map(([, own]) => own)];
  if (workers.length > 0) await pool.query({ name: 'workers-seen', text: seenSql, values });
  const held = reports.filter(({ kind }) => kind === 'heartbeat').flatMap((report) => heldOf(report, maxLeaseMs));
  if (held.length === 0) return;
  const columns = [
    held.map(({ runId }) => runId),
    held.map(({ task }) => task),
    held.map(({ part }) => part),
    held.map(({ epoch }) => epoch),
    held.map(({ leaseMs }) => leaseMs),
  ];
  await pool.query({ name: 'renew-leases', text: renewSql, values: columns });
}

interface Told {
  readonly record: Reported;
  readonly input: StepInput | null;
}

function countsOf(results: readonly StepResult[], unreadable: number): ReportCounts {
  const count = (outcome: StepResult['outcome']): number => results.filter((result) => result.outcome === outcome).length;
  return { taken: count('applied'), ignored: count('ignored'), duplicates: count('duplicate'), unknown: count('unknown-run') + unreadable };
}

/** Steps for the reports of a batch, with the position they were read from in the same transaction. */
export function createReportTarget({ pool, stepper, claimMs, maxLeaseMs, settle, onReported }: ReportTargetOptions): SinkTarget {
  const written = new WeakMap<SinkBatch, { readonly stepped: Stepped; readonly counts: ReportCounts }>();
  const reportsOf = (batch: SinkBatch): readonly Reported[] => slicesOf(batch, topics.taskReported).flatMap(({ records }) => records);

  const writeRows = async (transaction: Transaction, batch: SinkBatch): Promise<readonly SliceEffects[]> => {
    const told = reportsOf(batch)
      .filter(({ value }) => value.kind !== 'heartbeat')
      .map((record): Told => ({ record, input: reportToInput(record.value) }));
    const readable = told.filter((one): one is Told & { input: StepInput } => one.input !== null);
    const stepped = await stepper.take(
      transaction,
      readable.map(({ input }) => input),
      claimMs,
    );
    const recordsOf = (outcome: StepResult['outcome']) =>
      readable.filter((_, place) => stepped.results[place]?.outcome === outcome).map(({ record }) => record);
    const unreadable = told.filter(({ input }) => input === null).map(({ record }) => record);
    const duplicates = new Set<SinkRecord>(recordsOf('duplicate'));
    const suppressed = new Set<SinkRecord>([...recordsOf('unknown-run'), ...unreadable]);
    written.set(batch, { stepped, counts: countsOf(stepped.results, unreadable.length) });
    return batch.slices.map(({ records }) => {
      const within = (set: ReadonlySet<SinkRecord>): ReadonlySet<SinkRecord> => new Set(records.filter((record) => set.has(record)));
      return { outputs: {}, duplicates: within(duplicates), suppressed: within(suppressed) };
    });
  };

  return createPostgresTarget({
    pool,
    sink: reportSink.name,
    prepare: (batch) =>
      hear(
        pool,
        reportsOf(batch).map(({ value }) => value),
        maxLeaseMs,
      ),
    writeRows,
    onWritten: (batch) => {
      const done = written.get(batch);
      if (!done) return;
      settle(done.stepped);
      onReported(done.counts);
    },
  });
}
