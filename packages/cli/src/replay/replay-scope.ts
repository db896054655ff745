import { systemClock, VigilError } from '@vigil/core';
import type { ReplayTools } from './with-replay.ts';
import { moment } from '../options/moment.ts';
import { wholeNumber } from '../options/whole-number.ts';

/** What of a topic is replayed, as the flags of `vigil replay plan` say. */
export interface ScopeFlags {
  readonly topic?: string;
  readonly partition?: string;
  readonly fromOffset?: string;
  readonly fromTime?: string;
  readonly untilOffset?: string;
  readonly untilTime?: string;
  readonly key?: string;
}

export interface PartRange {
  readonly topic: string;
  readonly partition: number;
  readonly fromOffset: number;
  readonly untilOffset: number;
}

export interface Scope {
  readonly topic: string;
  readonly partition: number | null;
  readonly fromOffset: number | null;
  readonly fromMs: number | null;
}

const unsupported = (detail: string): VigilError => new VigilError('REPLAY_UNSUPPORTED', { detail });

/** Scopes that would leave something half: told why, and what there is instead. */
function refuseHalves({ key, untilOffset, untilTime }: ScopeFlags): void {
  if (key !== undefined) {
    throw unsupported('A key cannot be replayed alone: positions and state are those of a whole partition. Give --partition instead.');
  }
  if (untilOffset !== undefined || untilTime !== undefined) {
    throw unsupported('A replay always ends at the end of the topic at the time of the plan: what lies behind a gap would be read twice.');
  }
}

/** @throws VigilError BAD_USAGE, REPLAY_UNSUPPORTED */
export function parseScope(topic: string, flags: ScopeFlags, nowMs = systemClock.now()): Scope {
  refuseHalves(flags);
  const { partition, fromOffset, fromTime } = flags;
  if (fromOffset !== undefined && fromTime !== undefined) {
    throw new VigilError('BAD_USAGE', { detail: 'Give --from-offset or --from-time, not both.' });
  }
  if (fromOffset !== undefined && partition === undefined) {
    throw new VigilError('BAD_USAGE', { detail: '--from-offset goes with --partition: each partition counts for itself.' });
  }
  return {
    topic,
    partition: partition === undefined ? null : wholeNumber('--partition', partition, 0),
    fromOffset: fromOffset === undefined ? null : wholeNumber('--from-offset', fromOffset, 0),
    fromMs: fromTime === undefined ? null : moment('--from-time', fromTime, nowMs),
  };
}

/** @throws VigilError REPLAY_RANGE_GONE where the topic, which holds offsets from `start` on, no longer holds what is to be read */
export function refuseGone({ topic, partition, fromOffset }: Omit<PartRange, 'untilOffset'>, start: number): void {
  if (fromOffset >= start) return;
  throw new VigilError('REPLAY_RANGE_GONE', { detail: `${topic}-${partition} holds offsets from ${start} on, not ${fromOffset}.` });
}

/**
 * The ranges of a scope, empty ones among them, up to the last stable offsets of this moment.
 *
 * @throws VigilError TOPIC_MISSING, BAD_USAGE for a partition that there is not, REPLAY_RANGE_GONE
 */
export async function resolveScope(
  { client, maintenance }: Pick<ReplayTools, 'client' | 'maintenance'>,
  scope: Scope,
): Promise<PartRange[]> {
  const { topic, partition: only, fromOffset, fromMs } = scope;
  const [described] = await client.admin.describeTopics([topic]);
  if (!described) throw new VigilError('TOPIC_MISSING', { detail: topic });
  if (only !== null && only >= described.partitions) {
    throw new VigilError('BAD_USAGE', { detail: `${topic} has partitions 0 to ${described.partitions - 1}.` });
  }
  const [starts, ends] = await Promise.all([client.admin.startOffsets(topic), client.admin.stableOffsets(topic)]);
  const byTime = fromMs === null ? null : await maintenance.offsetsAt(topic, fromMs);
  return ends.flatMap((untilOffset, partition) => {
    if (only !== null && partition !== only) return [];
    const start = starts[partition] as number;
    const from = fromOffset ?? byTime?.[partition] ?? start;
    refuseGone({ topic, partition, fromOffset: from }, start);
    if (from > untilOffset) throw new VigilError('BAD_USAGE', { detail: `${topic}-${partition} ends at ${untilOffset}.` });
    return [{ topic, partition, fromOffset: from, untilOffset }];
  });
}
