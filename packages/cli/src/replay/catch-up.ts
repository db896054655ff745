import { setTimeout as sleep } from 'node:timers/promises';
import { VigilError } from '@vigil/core';
import { adoptedTasks, runNameOf } from '@vigil/kafka';
import type { ReplayJob } from '@vigil/postgres';
import { replayableStage } from './replayable-stages.ts';
import { plannedEnds, runEnvironment, settleRun, type StageRunOptions, type TopicEnds } from './run-stage.ts';
import type { ReplayTools } from './with-replay.ts';

const pollMs = 250;

export type CatchUpOptions = Omit<StageRunOptions, 'flushMs' | 'replicationFactor'>;

/** Where a group stands in each partition of these topics. */
async function positionsOf({ client }: ReplayTools, group: string, topics: readonly string[]): Promise<Record<string, (number | null)[]>> {
  const found: Record<string, (number | null)[]> = Object.fromEntries(topics.map((topic) => [topic, []]));
  for (const { topic, partition, offset } of await client.admin.committed(group, topics)) (found[topic] ??= [])[partition] = offset;
  return found;
}

interface Standing {
  /** Where the run must come to: where the live stage stands; of a task that is cut over, where the run stands. */
  readonly ends: TopicEnds;
  /** Offsets that the run has still to read. */
  readonly left: number;
}

/** Compares where both stand. @throws VigilError CUTOVER_REFUSED where the run is ahead or the live stage never was */
async function standingOf(tools: ReplayTools, job: ReplayJob): Promise<Standing> {
  const { name, jobId } = job;
  const { source } = replayableStage(name);
  const topics = Object.keys(plannedEnds(job));
  const [live, run] = [await positionsOf(tools, name, topics), await positionsOf(tools, runNameOf(name, jobId), topics)];
  const adopted = await adoptedTasks(tools.client.admin, name, jobId, source.name);
  let left = 0;
  const endOf = (topic: string, offset: number | null, partition: number): number => {
    const ofRun = run[topic]?.[partition] ?? 0;
    if (adopted.has(partition)) return ofRun;
    if (offset === null || ofRun > offset) {
      const where = offset === null ? 'nowhere' : `at ${offset}`;
      throw new VigilError('CUTOVER_REFUSED', { detail: `At ${topic}-${partition} the live stage stands ${where}, the run at ${ofRun}.` });
    }
    left += offset - ofRun;
    return offset;
  };
  const ends = Object.fromEntries(
    Object.entries(live).map(([topic, offsets]) => [topic, offsets.map((offset, partition) => endOf(topic, offset, partition))]),
  );
  return { ends, left };
}

/**
 * Lets a run read on to where the live stage stands now.
 *
 * @throws VigilError CUTOVER_REFUSED, PART_FAILED, TIMED_OUT
 */
export async function catchUp(tools: ReplayTools, job: ReplayJob, options: CatchUpOptions): Promise<void> {
  const { launch, progress, yieldSeconds, nowMs, untilMs } = options;
  const { ends, left: distance } = await standingOf(tools, job);
  if (distance === 0) return;
  progress(`the run reads ${distance} offsets on`);
  const running = launch?.(runEnvironment(job, yieldSeconds, ends)) ?? null;
  let ended: string | null = null;
  void running?.ended.then((how) => (ended = how));
  const lag = async (): Promise<number> => {
    const run = await positionsOf(tools, runNameOf(job.name, job.jobId), Object.keys(ends));
    return Object.entries(ends).reduce(
      (sum, [topic, offsets]) => sum + offsets.filter((end, partition) => (run[topic]?.[partition] ?? 0) < end).length,
      0,
    );
  };
  try {
    while ((await lag()) > 0) {
      if (ended !== null) throw new VigilError('PART_FAILED', { detail: `${job.name} under ${job.jobId} ended: ${String(ended)}.` });
      if (nowMs() >= untilMs)
        throw new VigilError('TIMED_OUT', { detail: 'The run is not caught up. Go on with: vigil replay cutover ID.' });
      await sleep(pollMs);
    }
  } finally {
    await running?.stop();
  }
  await settleRun(tools, job);
}
