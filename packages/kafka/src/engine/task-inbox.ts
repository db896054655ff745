import type { FetchedBatch, FetchedRecords, Fetcher } from '../ports/kafka-client.ts';
import type { EngineObserver } from './engine-observer.ts';
import type { PlannedSource, TopologyPlan } from './topology-plan.ts';

/** A fetched batch on its way through the task; `next` is the index of its first unhandled record. */
export interface QueuedBatch {
  readonly source: PlannedSource;
  readonly batch: FetchedBatch;
  readonly bytes: number;
  next: number;
  /** Every schema of the batch is known, or known to be unknown. */
  resolved: boolean;
}

interface Lane {
  readonly source: PlannedSource;
  readonly queue: QueuedBatch[];
  /** Where the next batch must have been read from: what was fetched before a restart is dropped. */
  expected: number;
  queuedRecords: number;
  queuedBytes: number;
  paused: boolean;
  /** Last stable offset as last seen, and when. */
  end: number;
  confirmedAtMs: number;
}

export interface LaneView {
  readonly source: PlannedSource;
  readonly end: number;
  readonly confirmedAtMs: number;
  readonly paused: boolean;
  /** Ingestion time of the first waiting record; null = none waits. */
  readonly waitingSince: number | null;
}

/** Fetched batches that wait for the task: bounded, by pausing the partition they come from. */
export interface TaskInbox {
  offer(batch: FetchedBatch, nowMs: number): void;
  /** The batch whose next record was ingested first. */
  peek(): QueuedBatch | null;
  /** Records wait, here or, as far as the broker last told, in the log. */
  hasMore(): boolean;
  /** Removes the batch that was peeked at and is handled to its end. */
  shift(queued: QueuedBatch): void;
  /** Forgets what waits and reads on from `positions`. */
  restart(positions: ReadonlyMap<string, number>, ends: ReadonlyMap<string, number>, nowMs: number): void;
  stop(): void;
  lanes(): readonly LaneView[];
}

export interface InboxOptions {
  readonly plan: TopologyPlan;
  readonly partition: number;
  readonly fetcher: Fetcher;
  readonly observer: EngineObserver;
  readonly maxQueuedRecords: number;
  readonly maxQueuedBytes: number;
}

function bytesOf(records: FetchedRecords): number {
  let bytes = 0;
  for (const { key, value } of records) bytes += (key?.length ?? 0) + (value?.length ?? 0);
  return bytes;
}

export function createTaskInbox({ plan, partition, fetcher, observer, maxQueuedRecords, maxQueuedBytes }: InboxOptions): TaskInbox {
  const lanes = new Map(
    plan.sources.map((source): [string, Lane] => [
      source.name,
      { source, queue: [], expected: 0, queuedRecords: 0, queuedBytes: 0, paused: false, end: 0, confirmedAtMs: Number.NEGATIVE_INFINITY },
    ]),
  );
  const setPaused = (lane: Lane, paused: boolean): void => {
    if (lane.paused === paused) return;
    lane.paused = paused;
    const place = { topic: lane.source.name, partition };
    if (paused) fetcher.pause(place);
    else fetcher.resume(place);
    observer.on({ type: 'backpressure', stage: plan.group, ...place, paused });
  };
  const regulate = (lane: Lane): void => {
    if (lane.queuedRecords > maxQueuedRecords || lane.queuedBytes > maxQueuedBytes) setPaused(lane, true);
    else if (lane.queuedRecords <= maxQueuedRecords / 2 && lane.queuedBytes <= maxQueuedBytes / 2) setPaused(lane, false);
  };
  const headTimestamp = ({ batch, next }: QueuedBatch): number => batch.records.at(next)?.timestamp ?? Number.NEGATIVE_INFINITY;

  return {
    offer(batch, nowMs) {
      const lane = lanes.get(batch.topic);
      if (!lane || batch.position !== lane.expected) return;
      lane.expected = batch.nextOffset;
      lane.end = batch.lastStableOffset;
      lane.confirmedAtMs = nowMs;
      const bytes = batch.bytes ?? bytesOf(batch.records);
      lane.queue.push({ source: lane.source, batch, bytes, next: 0, resolved: false });
      lane.queuedRecords += batch.records.length;
      lane.queuedBytes += bytes;
      regulate(lane);
    },
    peek() {
      let first: QueuedBatch | null = null;
      for (const { queue } of lanes.values()) {
        const head = queue[0];
        if (head && (!first || headTimestamp(head) < headTimestamp(first))) first = head;
      }
      return first;
    },
    hasMore: () => [...lanes.values()].some(({ queue, expected, end }) => queue.length > 0 || expected < end),
    shift({ source, batch, bytes }) {
      const lane = lanes.get(source.name);
      if (!lane) return;
      lane.queue.shift();
      lane.queuedRecords -= batch.records.length;
      lane.queuedBytes -= bytes;
      regulate(lane);
    },
    restart(positions, ends, nowMs) {
      for (const lane of lanes.values()) {
        const { name } = lane.source;
        lane.queue.length = 0;
        lane.queuedRecords = 0;
        lane.queuedBytes = 0;
        lane.paused = false;
        lane.end = ends.get(name) ?? lane.end;
        lane.confirmedAtMs = nowMs;
        lane.expected = positions.get(name) ?? 0;
        fetcher.assign({ topic: name, partition }, lane.expected);
      }
    },
    stop() {
      for (const lane of lanes.values()) {
        lane.queue.length = 0;
        fetcher.unassign({ topic: lane.source.name, partition });
      }
    },
    lanes: () =>
      [...lanes.values()].map(({ source, end, confirmedAtMs, paused, queue }) => ({
        source,
        end,
        confirmedAtMs,
        paused,
        waitingSince:
          queue.map(({ batch, next }) => batch.records.at(next)?.timestamp ?? null).find((timestamp) => timestamp !== null) ?? null,
      })),
  };
}
