import { VigilError } from '@vigil/core';
import { locateImbalance, type EngineClock, type KafkaClient, type SchemaRegistry } from '@vigil/kafka';
import type { TaskExecution } from '../executor.ts';
import type { TaskResult } from '@vigil/workflows';
import { countBatch } from './count-batch.ts';
import { givenOutputs, judgeBatch, type OpenStep, type Outputs } from './judge-batch.ts';
import type { LedgerFollower } from './ledger-follower.ts';
import type { StageStep, StreamStage } from './stream-stages.ts';

export interface FollowOptions {
  readonly client: KafkaClient;
  readonly registry: SchemaRegistry;
  readonly ledger: LedgerFollower;
  readonly clock: EngineClock;
  /** An account that has not moved for so long, with nothing left to read, is an imbalance. */
  readonly patienceMs: number;
  /** Longest time between two looks. */
  readonly lookEveryMs?: number;
}

/** Positions of a group; null where it has some of what stands there now still to read. */
async function drainedPositions({ client }: FollowOptions, { stage, topic }: StageStep): Promise<readonly number[] | null> {
  const ends = await client.admin.stableOffsets(topic);
  const committed = await client.admin.committed(stage, [topic]);
  const positions = ends.map((_, partition) => committed.find((position) => position.partition === partition)?.offset ?? 0);
  return positions.every((position, partition) => position >= (ends[partition] as number)) ? positions : null;
}

async function imbalanceOf(options: FollowOptions, open: OpenStep, positions: readonly number[]): Promise<VigilError> {
  const { step, expected, consumed, isCrooked } = open;
  const { stage, topic } = step;
  const [place] = await locateImbalance(options, { stage, topic, positions });
  const where = place
    ? `its account breaks at partition ${place.partition}, offset ${place.offset} (${place.reason})`
    : 'no commit of it is wrong by itself';
  const what = isCrooked ? 'the dispositions do not add up' : `${expected} records were written for this run and ${consumed} consumed`;
  return new VigilError('STAGE_IMBALANCE', { detail: `${stage} on ${topic}: ${what}; ${where}.` });
}

/** What was written for the batch: as the tasks before tell it, else as it stands in the log (a fan-out tells no values). */
async function expectedOf(
  client: KafkaClient,
  { request, input, signal }: Pick<TaskExecution, 'request' | 'input' | 'signal'>,
  { steps, roots = 1 }: StreamStage,
): Promise<Outputs> {
  const given = givenOutputs(input);
  if (given) return given;
  const counts: Record<string, number> = {};
  for (const { topic } of steps.slice(0, roots)) {
    counts[topic] = await countBatch(client, topic, { batchId: request.batchId, sinceMs: request.runStartedAt });
    signal.throwIfAborted();
  }
  return counts;
}

/** Waits for whichever is first; a listener that is left behind would outlive the attempt. */
async function waitFor(changed: Promise<void>, signal: AbortSignal, { clock, lookEveryMs = 1000 }: FollowOptions): Promise<void> {
  const woken = Promise.withResolvers<void>();
  const wake = (): void => woken.resolve();
  const cancel = clock.after(lookEveryMs, wake);
  signal.addEventListener('abort', wake, { once: true });
  await Promise.race([changed, woken.promise]);
  cancel();
  signal.removeEventListener('abort', wake);
}

/**
 * Waits until a stage has accounted for all of the run's batch; its counts are the result.
 *
 * @throws VigilError STAGE_IMBALANCE with stage, topic, partition and first offset
 */
export async function followBatch(
  { request, input, signal, progress }: Pick<TaskExecution, 'request' | 'input' | 'signal' | 'progress'>,
  stage: StreamStage,
  options: FollowOptions,
): Promise<TaskResult> {
  const { ledger, clock, patienceMs } = options;
  const given = await expectedOf(options.client, { request, input, signal }, stage);
  const batch = await ledger.follow(request.batchId, request.runStartedAt);
  try {
    let lastText = '';
    let movedAtMs = clock.now();
    for (;;) {
      signal.throwIfAborted();
      const changed = batch.changed();
      const { open, result } = judgeBatch(batch.totals(), stage, given);
      const [blocking] = open;
      if (blocking === undefined) return result;
      const text = JSON.stringify([open, result]);
      if (text !== lastText) movedAtMs = clock.now();
      lastText = text;
      const isStill = clock.now() - movedAtMs >= patienceMs;
      progress(result.counts, isStill ? 'behind' : 'ok');
      const positions = isStill ? await drainedPositions(options, blocking.step) : null;
      if (positions) throw await imbalanceOf(options, blocking, positions);
      await waitFor(changed, signal, options);
    }
  } finally {
    batch.close();
  }
}
