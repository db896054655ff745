import { setTimeout as sleep } from 'node:timers/promises';
import { VigilError } from '@vigil/core';
import { runNameOf, runTopicsOf } from '@vigil/kafka';
import type { ReplayJob, ReplayPart } from '@vigil/postgres';
import { applyTopics } from '../topics/apply-topics.ts';
import type { StagePlan } from './plan-stage.ts';
import { replayableStage } from './replayable-stages.ts';
import type { RunOptions } from './run-sink.ts';
import type { ReplayTools } from './with-replay.ts';

/** A running program of a stage. */
export interface StageProcess {
  /** Resolves with how it ended, if it ends by itself. */
  readonly ended: Promise<string>;
  stop(): Promise<void>;
}

export interface StageRunOptions extends Omit<RunOptions, 'liveLagSeconds'> {
  /** Null = somebody else runs the program, with the environment that `status` shows. */
  readonly launch: ((environment: Readonly<Record<string, string>>) => StageProcess) | null;
  readonly replicationFactor: number;
  /** After the end of the input: time for what closes by the passing of time. */
  readonly flushMs: number;
}

const pollMs = 250;

/** Ends of topics, exclusive, by partition. */
export type TopicEnds = Readonly<Record<string, readonly number[]>>;

/** Where a run ends: the source where the plan says, what is read from its beginning where it stood then. */
export const plannedEnds = ({ plan, parts }: ReplayJob): TopicEnds => {
  const { scope, tableEnds } = plan as unknown as StagePlan;
  return { ...tableEnds, [scope.topic]: parts.map(({ untilOffset }) => untilOffset) };
};

const endsText = (ends: TopicEnds): string =>
  Object.entries(ends)
    .map(([topic, offsets]) => `${topic}=${offsets.join(',')}`)
    .join(';');

/** What the program of the stage is started with, beside what the live one is started with. */
export function runEnvironment(job: ReplayJob, yieldSeconds: number, ends = plannedEnds(job)): Record<string, string> {
  const { rate, settings, scope } = job.plan as unknown as StagePlan;
  const { program, name } = replayableStage(job.name);
  return {
    ...settings,
    ...(program !== name && { VIGIL_RUN_STAGE: name }),
    VIGIL_RUN_ID: job.jobId,
    VIGIL_RUN_UNTIL: endsText(ends),
    ...(scope.key !== null && { VIGIL_RUN_KEY: scope.key }),
    VIGIL_RUN_RECORDS_PER_SECOND: String(rate),
    VIGIL_RUN_YIELD_SECONDS: String(yieldSeconds),
  };
}

/** Topics and start of the run. Where the group has committed already, the run is gone on with. */
async function prepare({ client }: ReplayTools, { jobId, name, parts }: ReplayJob, replicationFactor: number): Promise<void> {
  const { admin } = client;
  const topic = (parts[0] as ReplayPart).topic;
  const [live] = await admin.describeTopics([topic]);
  if (!live) throw new VigilError('TOPIC_MISSING', { detail: topic });
  const shape = { chainPartitions: live.partitions, replicationFactor };
  await applyTopics(admin, shape, [...runTopicsOf(name, jobId, shape.chainPartitions, replicationFactor)]);
  const group = runNameOf(name, jobId);
  if ((await admin.committed(group, [topic])).some(({ offset }) => offset !== null)) return;
  await admin.commitPositions(
    group,
    parts.map(({ partition, fromOffset }) => ({ topic, partition, offset: fromOffset, metadata: '' })),
  );
}

/**
 * A commit is answered before its markers are written. Taking the transactional ids over waits for them, so whoever reads
 * the outputs afterwards reads all of them.
 */
export async function settleRun({ client }: ReplayTools, { jobId, name, parts }: ReplayJob): Promise<void> {
  for (const { partition } of parts) {
    const transactionalId = runNameOf(`${name}.${partition}`, jobId);
    const producer = await client.openTransactionalProducer({ transactionalId, transactionTimeoutMs: 10_000 });
    await producer.fence();
    await producer.close();
  }
}

/** Records that are still to be read. */
export async function remainingOf({ client }: Pick<ReplayTools, 'client'>, { jobId, name, parts }: ReplayJob): Promise<number> {
  const topic = (parts[0] as ReplayPart).topic;
  const committed = await client.admin.committed(runNameOf(name, jobId), [topic]);
  return parts.reduce((sum, { partition, fromOffset, untilOffset }) => {
    const at = committed.find((position) => position.partition === partition)?.offset ?? fromOffset;
    return sum + Math.max(0, untilOffset - at);
  }, 0);
}

async function untilRead(tools: ReplayTools, job: ReplayJob, options: StageRunOptions, failed: () => string | null): Promise<void> {
  let told = -1;
  for (let left = await remainingOf(tools, job); left > 0; left = await remainingOf(tools, job)) {
    const how = failed();
    if (how !== null)
      throw new VigilError('PART_FAILED', { detail: `${job.name} under ${job.jobId} ended: ${how}. Its lines stand above.` });
    if (options.nowMs() >= options.untilMs)
      throw new VigilError('TIMED_OUT', { detail: `${left} records are left. Go on with: vigil replay run ID.` });
    if (left !== told) options.progress(`${left} records are left`);
    told = left;
    await sleep(pollMs);
  }
}

/** Runs a stage beside the live one up to the ends of the plan. A killed run is gone on with by running it again. */
export async function runStageReplay(tools: ReplayTools, job: ReplayJob, options: StageRunOptions): Promise<ReplayJob> {
  const { launch, flushMs, progress, yieldSeconds } = options;
  await prepare(tools, job, options.replicationFactor);
  await tools.jobs.setState(job.jobId, 'running');
  const running = launch?.(runEnvironment(job, yieldSeconds)) ?? null;
  let ended: string | null = null;
  void running?.ended.then((how) => (ended = how));
  try {
    await untilRead(tools, job, options, () => ended);
    if (flushMs > 0) progress(`all is read; ${flushMs / 1000} s for what closes by the passing of time`);
    await sleep(flushMs);
  } finally {
    await running?.stop();
  }
  await settleRun(tools, job);
  for (const part of job.parts) await tools.jobs.changePart(job.jobId, part, { state: 'done' });
  await tools.jobs.setState(job.jobId, 'done');
  return tools.jobs.find(job.jobId);
}
