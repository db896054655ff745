import { runNameOf, type SchemaRegistry } from '@vigil/kafka';
import type { ReplayJob } from '@vigil/postgres';
import { compareOutputs, type OutputDifference } from './compare-outputs.ts';
import type { StagePlan } from './plan-stage.ts';
import { lastTimestamps, readOutputs } from './read-outputs.ts';
import { replayableStage } from './replayable-stages.ts';
import type { ReplayTools } from './with-replay.ts';

export interface StageDifference {
  readonly jobId: string;
  readonly kind: 'stage';
  readonly equal: boolean;
  /** Requeued records that only the live stage saw: what they changed shows as a difference. */
  readonly requeued: number;
  readonly outputs: readonly OutputDifference[];
}

/** Holds the outputs of a run against those of the live stage, by what they are about. */
export async function diffStage(
  { client }: Pick<ReplayTools, 'client'>,
  registry: SchemaRegistry,
  job: ReplayJob,
): Promise<StageDifference> {
  const stage = replayableStage(job.name);
  const { beginsAtMs, requeued, scope } = job.plan as unknown as StagePlan;
  const bounds = {
    fromMs: beginsAtMs === null ? -Infinity : beginsAtMs + stage.settleMs,
    lastReceivedMs: await lastTimestamps(client, job.parts),
  };
  const outputs: OutputDifference[] = [];
  for (const output of stage.outputs) {
    const { topic } = output;
    const fresh = await readOutputs({ client, registry }, topic, { name: runNameOf(topic.name, job.jobId), key: scope.key });
    const old = await readOutputs({ client, registry }, topic, { name: topic.name, key: scope.key });
    outputs.push(compareOutputs(output, { old, new: fresh }, bounds));
  }
  const equal = outputs.every(({ changed, onlyOld, onlyNew }) => changed + onlyOld + onlyNew === 0);
  return { jobId: job.jobId, kind: 'stage', equal, requeued, outputs };
}
