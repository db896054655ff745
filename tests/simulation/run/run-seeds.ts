import { Worker } from 'node:worker_threads';
import type { SeedSpan, SeedViolation } from './play-seeds.ts';

export interface SeedRun extends SeedSpan {
  readonly workers: number;
  /** Called whenever a span is done. */
  readonly onProgress: (played: number, violations: readonly SeedViolation[]) => void;
}

const spanSize = 25;

/** Plays seeds on several threads. A seed's schedule is its own: neither its neighbours nor the number of threads change it. */
export async function runSeeds({ from, count, workers, onProgress }: SeedRun): Promise<readonly SeedViolation[]> {
  const violations: SeedViolation[] = [];
  let next = from;
  let played = 0;
  const takeSpan = (): SeedSpan => {
    const span = { from: next, count: Math.min(spanSize, from + count - next) };
    next += span.count;
    return span;
  };
  const serve = (): Promise<void> =>
    new Promise((resolve, reject) => {
      const worker = new Worker(new URL('seed-worker.ts', import.meta.url));
      let span = takeSpan();
      const ask = (): void => {
        // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread has no origin
        if (span.count > 0) worker.postMessage(span);
        else void worker.terminate().then(() => resolve());
      };
      worker.on('error', reject);
      worker.on('message', (found: readonly SeedViolation[]) => {
        violations.push(...found);
        played += span.count;
        onProgress(played, found);
        span = takeSpan();
        ask();
      });
      ask();
    });
  await Promise.all(Array.from({ length: workers }, serve));
  return violations.toSorted((a, b) => a.seed - b.seed);
}
