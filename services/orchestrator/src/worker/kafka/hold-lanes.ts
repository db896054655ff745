import type { TaskRequested } from '@vigil/contracts';
import { classifyError, type Clock } from '@vigil/core';
import type { Fetcher, GroupMember, KafkaClient } from '@vigil/kafka';
import { recallRequests, type RecallTools } from './recall-requests.ts';
import { openLane, type RequestLane } from './request-lanes.ts';

export interface HoldLanesOptions {
  readonly topic: string;
  readonly group: string;
  readonly client: KafkaClient;
  readonly fetcher: Fetcher;
  readonly decode: RecallTools['decode'];
  readonly wall: Clock;
  readonly sessionTimeoutMs: number;
  readonly pollMs: number;
  /** Requests of one partition that may wait in memory; beyond them it is not read. */
  readonly mostWaiting: number;
  /** A request that a worker before this one took. */
  readonly onRecalled: (request: TaskRequested) => void;
  /** Partitions were assigned and wait to be opened. */
  readonly onAssigned: () => void;
  readonly onTrouble: (error: unknown) => void;
  readonly onFatal: (error: unknown) => void;
}

export type Lanes = ReadonlyMap<number, RequestLane>;

/** The partitions that this worker has of its pool's requests. Who took `current` at hand knows by it whether they are still the same. */
export interface HeldLanes {
  readonly current: () => Lanes;
  /** Whether it has partitions, or is one of more workers than there are partitions. */
  readonly isJoined: () => boolean;
  /** Takes over what the group assigned meanwhile. */
  openAssigned(): Promise<void>;
  /** What was read and not understood is read again. */
  reopen(): void;
  /**
   * After a commit that failed nobody knows where the group stands: it is asked. Until then nothing may be committed behind
   * what was given back.
   *
   * @param lanes  only if these are still held
   */
  startAgain(lanes: Lanes): void;
  /** Reads further back, for copies of what others began. */
  recall(lane: RequestLane, sinceMs: number): Promise<void>;
  /** Stops reading a lane that is full, and goes on with one that is not any more. */
  balance(lane: RequestLane): void;
  /** @returns whether the positions are the group's now; false = somebody else starts these requests. */
  commit(lanes: Lanes): Promise<boolean>;
  leave(): Promise<void>;
}

/** The relay publishes again what it claimed a minute ago; clocks of machines differ by less than the rest. */
const recallMs = 180_000;
const passes: ReadonlySet<string> = new Set(['transient', 'dependency', 'fenced']);

/** Joins the group of a pool's workers. */
export async function holdLanes(options: HoldLanesOptions): Promise<HeldLanes> {
  const { topic, group, client, fetcher, decode, wall, pollMs, mostWaiting, onRecalled, onTrouble, onFatal } = options;
  let lanes: Lanes = new Map();
  let assigned: readonly number[] | null = null;
  let isJoined = false;

  const closeLanes = (): void => {
    for (const { partition } of lanes.values()) fetcher.unassign({ topic, partition });
    lanes = new Map();
  };
  const member: GroupMember = await client.join({
    group,
    topics: [topic],
    sessionTimeoutMs: options.sessionTimeoutMs,
    listener: {
      onAssigned(partitions) {
        assigned = partitions;
        isJoined = true;
        options.onAssigned();
      },
      onLost() {
        assigned = null;
        isJoined = false;
        closeLanes();
      },
      onFatal,
    },
  });
  const recall = async (lane: RequestLane, sinceMs: number): Promise<void> => {
    if (sinceMs >= lane.recalledSinceMs) return;
    const [startOffset = 0] = (await client.admin.startOffsets(topic)).slice(lane.partition);
    const place = { topic, partition: lane.partition };
    const tools = { client, decode, onRequest: onRecalled, pollMs };
    lane.recalledFrom = await recallRequests({ place, beforeOffset: lane.recalledFrom, startOffset, sinceMs }, tools);
    lane.recalledSinceMs = sinceMs;
  };

  return {
    current: () => lanes,
    isJoined: () => isJoined,
    recall,
    async openAssigned() {
      const partitions = assigned;
      if (partitions === null) return;
      const [committed, starts] = await Promise.all([client.admin.committed(group, [topic]), client.admin.startOffsets(topic)]);
      // The generation may have changed meanwhile.
      if (assigned !== partitions) return;
      closeLanes();
      const opening = partitions.map((partition) => {
        const known = committed.find((position) => position.partition === partition)?.offset ?? null;
        return openLane(partition, Math.max(known ?? 0, starts[partition] ?? 0));
      });
      // Before anything runs: a request that comes may be the copy of one that a worker before this one began.
      await Promise.all(opening.map((lane) => recall(lane, wall.now() - recallMs)));
      if (assigned !== partitions) return;
      assigned = null;
      lanes = new Map(opening.map((lane) => [lane.partition, lane]));
      for (const { partition, position } of opening) fetcher.assign({ topic, partition }, position);
    },
    reopen() {
      assigned ??= [...lanes.keys()];
    },
    startAgain(own) {
      if (own !== lanes) return;
      closeLanes();
      assigned = [...own.keys()];
      options.onAssigned();
    },
    balance(lane) {
      const place = { topic, partition: lane.partition };
      const isFull = lane.waiting.length >= mostWaiting;
      if (isFull && !lane.isPaused) fetcher.pause(place);
      if (!isFull && lane.isPaused) fetcher.resume(place);
      lane.isPaused = isFull;
    },
    async commit(own) {
      const moved = [...own.values()].filter(({ position, committed }) => position > committed);
      const positions = moved.map(({ partition, position: offset }) => ({ topic, partition, offset, metadata: '' }));
      if (own !== lanes) return false;
      try {
        if (positions.length > 0) await member.commitPositions(positions);
      } catch (error) {
        if (!passes.has(classifyError(error).kind)) onFatal(error);
        onTrouble(error);
        return false;
      }
      for (const { partition, offset } of positions) (own.get(partition) as RequestLane).committed = offset;
      return own === lanes;
    },
    leave: () => member.leave().catch(() => undefined),
  };
}
