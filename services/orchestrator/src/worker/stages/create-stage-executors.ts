import { systemStageClock } from '@vigil/kafka';
import type { ExecutorDeps } from '../executor-deps.ts';
import type { Executor, FindExecutor } from '../executor.ts';
import { followBatch } from './follow-batch.ts';
import { createLedgerFollower, type LedgerFollower } from './ledger-follower.ts';
import { readContinuous } from './schedule-of.ts';
import { openStageWatch, type StageWatch } from './stage-health.ts';
import { streamStageOf, type StageStep, type StreamStage } from './stream-stages.ts';
import { watchStage } from './watch-stage.ts';

interface Readers {
  readonly ledger: LedgerFollower;
  readonly watch: StageWatch;
}

/** Stages of the stream as tasks. The ledger and the watch of the fleet are read once for all of them, from the first such task on. */
export function createStageExecutors({ client, registry, database, clock, settings, onTrouble, onClose }: ExecutorDeps): FindExecutor {
  const continuousEveryMs = readContinuous(database);
  let readers: Readers | undefined;
  const open = (): Readers => {
    if (readers) return readers;
    const ledger = createLedgerFollower({ client, registry, clock, onTrouble });
    onClose('ledger follower', () => ledger.close());
    const watch = openStageWatch({ client, registry, clock, onTrouble });
    onClose('watch of the stages', async () => void (await watch.close()));
    return (readers = { ledger, watch });
  };
  const executorOf = (stage: StreamStage): Executor => ({
    isResumable: true,
    async run(execution) {
      const { ledger, watch } = open();
      const { workflow, version } = execution.request;
      const intervalMs = await continuousEveryMs(workflow, version);
      const world = { ledger, watch, clock: systemStageClock };
      if (intervalMs !== null) return watchStage(execution, stage.steps[stage.told] as StageStep, { ...world, intervalMs });
      return followBatch(execution, stage, { ...world, client, registry, patienceMs: settings.stagePatienceMs });
    },
  });
  return ({ spec }) => {
    const stage = streamStageOf(spec);
    return stage && executorOf(stage);
  };
}
