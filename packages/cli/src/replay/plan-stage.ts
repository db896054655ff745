import { retryTopicOf } from '@vigil/contracts';
import { VigilError } from '@vigil/core';
import type { KafkaClient } from '@vigil/kafka';
import { countOf, type PlanAnswer } from './plan-sink.ts';
import { firstTimestamps } from './read-outputs.ts';
import { replayableStage, type ReplayableStage } from './replayable-stages.ts';
import { resolveScope, type PartRange, type Scope } from './replay-scope.ts';
import type { ReplayTools } from './with-replay.ts';

export interface StageOptions {
  readonly rate: number;
  /** Settings of the run that differ from those of the live stage, by the names of the environment. */
  readonly settings: Readonly<Record<string, string>>;
}

/** Kept with the job: what `run` and `diff` need. */
export interface StagePlan {
  readonly scope: Scope;
  readonly records: number;
  readonly rate: number;
  readonly settings: Readonly<Record<string, string>>;
  /** Requeued records went through the live stage only: the run does not see them. */
  readonly requeued: number;
  /** Ingestion time from which on the run sees every record; null = it sees all there ever were. */
  readonly beginsAtMs: number | null;
  /** Ends of the topics that are read from their beginning, by partition. */
  readonly tableEnds: Readonly<Record<string, readonly number[]>>;
}

const settingName = /^VIGIL_(WINDOW|ALARM|DEVIATION|SCORE|ALERT|PATIENT)_[A-Z0-9_]+$|^VIGIL_WORKFLOWS_DIR$/;

/** `NAME=VALUE`, several times. @throws VigilError BAD_USAGE */
export function parseSettings(given: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    given.map((text) => {
      const at = text.indexOf('=');
      const name = text.slice(0, Math.max(at, 0));
      if (!settingName.test(name)) {
        throw new VigilError('BAD_USAGE', {
          detail: '--set takes NAME=VALUE, NAME being a setting of the stage’s rules: docs/reference/settings.md.',
        });
      }
      return [name, text.slice(at + 1)];
    }),
  );
}

async function endsOfTables({ client }: ReplayTools, { tables }: ReplayableStage): Promise<Record<string, readonly number[]>> {
  const ends: Record<string, readonly number[]> = {};
  for (const { name } of tables) ends[name] = await client.admin.stableOffsets(name);
  return ends;
}

/** Where retention took records from before the ranges: the time of the first that are left, of the partition where that is latest. */
async function firstSeenMs(client: KafkaClient, ranges: readonly PartRange[]): Promise<number | null> {
  const cut = ranges.filter(({ fromOffset, untilOffset }) => fromOffset > 0 && fromOffset < untilOffset);
  return cut.length === 0 ? null : Math.max(...Object.values(await firstTimestamps(client, cut)));
}

/**
 * Plans a run of a stage beside the live one, from a moment or the beginning up to the ends of now.
 *
 * @throws VigilError REPLAY_UNSUPPORTED, REPLAY_RANGE_GONE, BAD_USAGE
 */
export async function planStage(tools: ReplayTools, name: string, scope: Scope, { rate, settings }: StageOptions): Promise<PlanAnswer> {
  const stage = replayableStage(name);
  if (scope.topic !== stage.source.name) {
    throw new VigilError('REPLAY_UNSUPPORTED', { detail: `${name} is replayed on ${stage.source.name}.` });
  }
  if (scope.partition !== null || scope.fromOffset !== null) {
    throw new VigilError('REPLAY_UNSUPPORTED', { detail: 'A stage is replayed on all partitions, from --from-time or the beginning.' });
  }
  if (scope.key !== null && !stage.isKeyedByToken) {
    throw new VigilError('REPLAY_UNSUPPORTED', { detail: `${stage.source.name} is not keyed by a token: ${name} is replayed whole.` });
  }
  const ranges = await resolveScope(tools, scope);
  const retries = retryTopicOf(scope.topic, name);
  const [retry] = await tools.client.admin.describeTopics([retries]);
  const requeued = retry ? (await tools.client.admin.stableOffsets(retries)).reduce((sum, end) => sum + end, 0) : 0;
  const records = countOf(ranges);
  if (records === 0) throw new VigilError('BAD_USAGE', { detail: `${scope.topic} holds nothing in that scope.` });
  const tableEnds = await endsOfTables(tools, stage);
  const beginsAtMs = scope.fromMs ?? (await firstSeenMs(tools.client, ranges));
  const plan: StagePlan = { scope, records, rate, settings, requeued, beginsAtMs, tableEnds };
  const job = await tools.jobs.create({ kind: 'stage', name, plan: { ...plan }, parts: ranges });
  return { job, records, rows: 0, estimatedSeconds: Math.ceil(records / rate) };
}
