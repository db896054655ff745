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
  /** Ingestion time that the scope ends before; null = the end of the topic at the time of the plan. */
  readonly untilMs: number | null;
  /** Only records of this patient token. */
  readonly key: string | null;
}

const tokenShape = /^[A-Za-z0-9]{1,20}\.[A-Za-z0-9_-]{1,64}$/;

/** A patient by token: an identifier would stand in the list of jobs and in the process table. */
function tokenOf(key: string | undefined): string | null {
  if (key === undefined || tokenShape.test(key)) return key ?? null;
  throw new VigilError('BAD_USAGE', { detail: '--key takes a patient token, as records and rows carry it; never an identifier.' });
}

function refuseContradictions({ partition, fromOffset, fromTime }: ScopeFlags): void {
  if (fromOffset !== undefined && fromTime !== undefined) {
    throw new VigilError('BAD_USAGE', { detail: 'Give --from-offset or --from-time, not both.' });
  }
  if (fromOffset !== undefined && partition === undefined) {
    throw new VigilError('BAD_USAGE', { detail: '--from-offset goes with --partition: each partition counts for itself.' });
  }
}

/** @throws VigilError BAD_USAGE */
export function parseScope(topic: string, flags: ScopeFlags, nowMs = systemClock.now()): Scope {
  refuseContradictions(flags);
  const { partition, fromOffset, fromTime, untilTime, key } = flags;
  const scope = {
    topic,
    partition: partition === undefined ? null : wholeNumber('--partition', partition, 0),
    fromOffset: fromOffset === undefined ? null : wholeNumber('--from-offset', fromOffset, 0),
    fromMs: fromTime === undefined ? null : moment('--from-time', fromTime, nowMs),
    untilMs: untilTime === undefined ? null : moment('--until-time', untilTime, nowMs),
    key: tokenOf(key),
  };
  if (scope.untilMs !== null && scope.untilMs <= (scope.fromMs ?? -Infinity)) {
    throw new VigilError('BAD_USAGE', { detail: '--until-time must be after --from-time.' });
  }
  return scope;
}

/** @throws VigilError REPLAY_RANGE_GONE where the topic, which holds offsets from `start` on, no longer holds what is to be read */
export function refuseGone({ topic, partition, fromOffset }: Omit<PartRange, 'untilOffset'>, start: number): void {
  if (fromOffset >= start) return;
  throw new VigilError('REPLAY_RANGE_GONE', { detail: `${topic}-${partition} holds offsets from ${start} on, not ${fromOffset}.` });
}

/**
 * The ranges of a scope, empty ones among them, up to its end or the last stable offsets of this moment.
 *
 * @throws VigilError TOPIC_MISSING, BAD_USAGE for a partition that there is not, REPLAY_RANGE_GONE
 */
export async function resolveScope(
  { client, maintenance }: Pick<ReplayTools, 'client' | 'maintenance'>,
  scope: Scope,
): Promise<PartRange[]> {
  const { topic, partition: only, fromOffset, fromMs, untilMs } = scope;
  const [described] = await client.admin.describeTopics([topic]);
  if (!described) throw new VigilError('TOPIC_MISSING', { detail: topic });
  if (only !== null && only >= described.partitions) {
    throw new VigilError('BAD_USAGE', { detail: `${topic} has partitions 0 to ${described.partitions - 1}.` });
  }
  const [starts, ends] = await Promise.all([client.admin.startOffsets(topic), client.admin.stableOffsets(topic)]);
  const byTime = fromMs === null ? null : await maintenance.offsetsAt(topic, fromMs);
  const endsByTime = untilMs === null ? ends : await maintenance.offsetsAt(topic, untilMs);
  return ends.flatMap((end, partition) => {
    const untilOffset = Math.min(end, endsByTime[partition] ?? end);
    if (only !== null && partition !== only) return [];
    const start = starts[partition] as number;
    const from = fromOffset ?? byTime?.[partition] ?? start;
    refuseGone({ topic, partition, fromOffset: from }, start);
    if (from > untilOffset) throw new VigilError('BAD_USAGE', { detail: `${topic}-${partition} ends at ${untilOffset}.` });
    return [{ topic, partition, fromOffset: from, untilOffset }];
  });
}
