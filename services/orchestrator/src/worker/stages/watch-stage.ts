import { emptyTotals, type StageTotals } from '@vigil/contracts';
import type { EngineClock } from '@vigil/kafka';
import type { TaskExecution } from '../executor.ts';
import type { LedgerFollower } from './ledger-follower.ts';
import type { StageWatch } from './stage-health.ts';
import type { StageStep } from './stream-stages.ts';

export interface WatchStageOptions {
  readonly ledger: Pick<LedgerFollower, 'totals'>;
  readonly watch: Pick<StageWatch, 'healthOf' | 'caughtUp'>;
  readonly clock: EngineClock;
  /** Between two words about its health: that of the workflow's schedule. */
  readonly intervalMs: number;
}

const counted = ['consumed', 'processed', 'late', 'duplicate', 'rejected', 'suppressed'] as const;

const totalOf = (totals: readonly StageTotals[], { stage, topic }: StageStep): StageTotals =>
  totals.find((total) => total.stage === stage && total.topic === topic) ?? emptyTotals(stage, topic);

const countsSince = (now: StageTotals, then: StageTotals): Record<string, number> =>
  Object.fromEntries(counted.map((name) => [name, now[name] - then[name]]));

/** A stage of a continuous workflow: tells counts since the attempt began, and its health, and never ends by itself. Rejects when it is told to stop. */
export async function watchStage(
  { signal, progress }: Pick<TaskExecution, 'signal' | 'progress'>,
  step: StageStep,
  { ledger, watch, clock, intervalMs }: WatchStageOptions,
): Promise<never> {
  const stopped = Promise.withResolvers<never>();
  const stop = (): void => stopped.reject(signal.reason);
  if (signal.aborted) stop();
  signal.addEventListener('abort', stop, { once: true });
  await Promise.race([watch.caughtUp, stopped.promise]);
  const begin = { ...totalOf(ledger.totals(), step) };
  for (;;) {
    progress(countsSince(totalOf(ledger.totals(), step), begin), watch.healthOf(step.stage));
    const waited = Promise.withResolvers<void>();
    const cancel = clock.after(intervalMs, () => waited.resolve());
    await Promise.race([waited.promise, stopped.promise]).finally(cancel);
  }
}
