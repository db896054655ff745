import { topics, type TaskReported } from '@vigil/contracts';
import { slicesOf, type SinkBatch, type SinkRecord, type SinkSpec, type SinkTarget, type SliceEffects } from '@vigil/kafka';
import { createPostgresTarget, type Transaction } from '@vigil/postgres';
import type pg from 'pg';
import { isRowFault } from '../../domain/is-row-fault.ts';
import { reportToInput } from '../../domain/runs/report-to-input.ts';
import type { StepInput } from '../../domain/runs/run-store.ts';
import type { Aftermath } from './aftermath.ts';
import type { Stepper } from './create-stepper.ts';
import { hearWorkers } from './hear-workers.ts';
import { readKeeping } from './kept-reports.ts';
import { takeRunByRun, takeTogether, type ReportResult, type TakenReports } from './take-reports.ts';

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
  /** A batch was not written, or nobody knows. Must not throw. */
  readonly onFailed: () => void;
}

export interface ReportCounts {
  readonly taken: number;
  readonly ignored: number;
  readonly duplicates: number;
  /** Of runs that are not known, or unreadable. */
  readonly unknown: number;
  /** Of runs that cannot take them for now. */
  readonly kept: number;
  /** Why runs began to keep theirs: an error for each run. */
  readonly refusals: readonly unknown[];
}

type Reported = SinkRecord<TaskReported>;

interface Told {
  readonly record: Reported;
  readonly input: StepInput | null;
}

function countsOf({ results, refusals }: TakenReports, unreadable: number): ReportCounts {
  const count = (outcome: ReportResult['outcome']): number => results.filter((result) => result.outcome === outcome).length;
  return {
    taken: count('applied'),
    ignored: count('ignored'),
    duplicates: count('duplicate'),
    unknown: count('unknown-run') + unreadable,
    kept: count('kept'),
    refusals,
  };
}

const reportsOf = (batch: SinkBatch): readonly Reported[] => slicesOf(batch, topics.taskReported).flatMap(({ records }) => records);

/** What became of the records of a batch, for the ledger; a report that is kept is ours now. */
function effectsOf(batch: SinkBatch, readable: readonly Told[], { results }: TakenReports, unreadable: readonly Told[]): SliceEffects[] {
  const recordsOf = (outcome: ReportResult['outcome']): readonly SinkRecord[] =>
    readable.filter((_, place) => results[place]?.outcome === outcome).map(({ record }) => record);
  const duplicates = new Set(recordsOf('duplicate'));
  const suppressed = new Set([...recordsOf('unknown-run'), ...unreadable.map(({ record }) => record)]);
  return batch.slices.map(({ records }) => {
    const within = (set: ReadonlySet<SinkRecord>): ReadonlySet<SinkRecord> => new Set(records.filter((record) => set.has(record)));
    return { outputs: {}, duplicates: within(duplicates), suppressed: within(suppressed) };
  });
}

/**
 * Steps for the reports of a batch, with the position they were read from in the same transaction. Where one of its runs
 * cannot take its own, the same work is done run by run: what it was told is kept beside it, in order, and tried again. A
 * report that cannot even be kept is refused by the sink, which sends it to quarantine.
 */
export function createReportTarget({ pool, stepper, claimMs, maxLeaseMs, settle, onReported, onFailed }: ReportTargetOptions): SinkTarget {
  const written = new WeakMap<SinkBatch, { readonly taken: TakenReports; readonly counts: ReportCounts }>();
  const keeping = new Set<string>();
  const taking = { stepper, claimMs, keeping };

  const targetBy = (take: typeof takeTogether): SinkTarget =>
    createPostgresTarget({
      pool,
      sink: reportSink.name,
      prepare: (batch) =>
        hearWorkers(
          pool,
          reportsOf(batch).map(({ value }) => value),
          maxLeaseMs,
        ),
      writeRows: async (transaction: Transaction, batch) => {
        const told = reportsOf(batch)
          .filter(({ value }) => value.kind !== 'heartbeat')
          .map((record): Told => ({ record, input: reportToInput(record.value) }));
        const [readable, unreadable] = [told.filter(({ input }) => input !== null), told.filter(({ input }) => input === null)];
        const taken = await take(
          transaction,
          readable.flatMap(({ input }) => input ?? []),
          taking,
        );
        written.set(batch, { taken, counts: countsOf(taken, unreadable.length) });
        return effectsOf(batch, readable, taken, unreadable);
      },
      onWritten: (batch) => {
        const done = written.get(batch);
        if (!done) return;
        settle(done.taken);
        onReported(done.counts);
      },
      onFailed,
    });
  const together = targetBy(takeTogether);
  const runByRun = targetBy(takeRunByRun);
  return {
    ...together,
    async acquire(requests) {
      const leases = await together.acquire(requests);
      for (const runId of await readKeeping(pool)) keeping.add(runId);
      return leases;
    },
    write: (batch) =>
      together.write(batch).catch((error: unknown) => {
        if (!isRowFault(error)) throw error;
        return runByRun.write(batch);
      }),
  };
}
