import type { DispositionCounts } from '../engine/engine-observer.ts';
import { noCounts } from '../engine/ledger-tally.ts';
import type { SinkBatch, SliceEffects } from './sink-target.ts';

/** The numbers of one commit. */
export interface SinkProgress {
  readonly consumed: number;
  readonly counts: DispositionCounts;
  readonly outputs: Readonly<Record<string, number>>;
  readonly oldestAgeMs: number;
}

/** Sums up what a commit did, for logs and metrics. */
export function progressOf(batch: SinkBatch, effects: readonly SliceEffects[]): SinkProgress {
  const counts = noCounts();
  const outputs: Record<string, number> = {};
  let oldest = batch.nowMs;
  for (const [index, { records, rejected }] of batch.slices.entries()) {
    const { duplicates, suppressed, outputs: written = {} } = effects[index] ?? {};
    counts.rejected += rejected.length;
    counts.duplicate += duplicates?.size ?? 0;
    counts.suppressed += suppressed?.size ?? 0;
    counts.processed += records.length - (duplicates?.size ?? 0) - (suppressed?.size ?? 0);
    for (const [table, rows] of Object.entries(written)) outputs[table] = (outputs[table] ?? 0) + rows;
    oldest = Math.min(oldest, records[0]?.timestamp ?? oldest);
  }
  const consumed = counts.processed + counts.duplicate + counts.suppressed + counts.rejected;
  return { consumed, counts, outputs, oldestAgeMs: batch.nowMs - oldest };
}
