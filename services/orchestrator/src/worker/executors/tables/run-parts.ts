import type { JobCounts } from '@vigil/batch';
import type { TableShare } from '@vigil/sources';

const sumOf = (counts: Iterable<JobCounts>): JobCounts => {
  const sum = { read: 0, written: 0, rejected: 0, skipped: 0 };
  for (const { read, written, rejected, skipped } of counts) {
    sum.read += read;
    sum.written += written;
    sum.rejected += rejected;
    sum.skipped += skipped;
  }
  return sum;
};

export interface Parts {
  readonly of: number;
  readonly signal: AbortSignal;
  /** Counts of all parts so far. */
  readonly progress: (counts: JobCounts) => void;
  readonly run: (share: TableShare, signal: AbortSignal, tell: (counts: JobCounts) => void) => Promise<JobCounts>;
}

/**
 * Runs the parts of a job beside each other. What one has committed stays, whatever becomes of the others.
 *
 * @returns their counts together
 * @throws the first failure, which stops the other parts, once all have ended
 */
export async function runParts({ of, signal, progress, run }: Parts): Promise<JobCounts> {
  const failed = new AbortController();
  const counts = new Map<number, JobCounts>();
  let failure: { readonly error: unknown } | null = null;
  const tell = (part: number) => (told: JobCounts) => {
    counts.set(part, told);
    progress(sumOf(counts.values()));
  };
  const runPart = async (part: number): Promise<void> => {
    try {
      tell(part)(await run({ part, of }, AbortSignal.any([signal, failed.signal]), tell(part)));
    } catch (error) {
      failure ??= { error };
      failed.abort(error);
    }
  };
  await Promise.all(Array.from({ length: of }, (_, part) => runPart(part)));
  if (failure !== null) throw (failure as { readonly error: unknown }).error;
  return sumOf(counts.values());
}
