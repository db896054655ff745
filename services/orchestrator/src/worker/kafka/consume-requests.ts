import type { TaskRequested, WorkflowPool } from '@vigil/contracts';
import { classifyError, type Clock } from '@vigil/core';
import type { EngineClock, Fetcher, GroupMember, KafkaClient, SchemaRegistry } from '@vigil/kafka';
import type { Attempts, Reporter } from '../attempts/attempts.ts';
import { createRequestDecoder, requestTopicOf } from './decode-requests.ts';
import { recallRequests } from './recall-requests.ts';
import { openLane, takeStartable, type RequestLane } from './request-lanes.ts';

export interface ConsumeOptions {
  readonly pool: WorkflowPool;
  readonly client: KafkaClient;
  readonly registry: SchemaRegistry;
  readonly attempts: Attempts;
  readonly reporter: Reporter;
  readonly clock: EngineClock;
  /** What the machine's clock shows: how old requests are. */
  readonly wall: Clock;
  readonly sessionTimeoutMs: number;
  /** Requests of one partition that may wait in memory; beyond them it is not read. */
  readonly mostWaiting?: number;
  /** Longest wait of one read. */
  readonly pollMs?: number;
  readonly onUnreadable: () => void;
  readonly onTrouble: (error: unknown) => void;
  readonly onFatal: (error: unknown) => void;
}

export interface RequestConsumer {
  /** Starts what waits, because a place became free. */
  nudge(): void;
  /** Whether it has partitions, or is one of more workers than there are partitions. */
  isJoined(): boolean;
  /** Reads no more and leaves the group, so that others take over at once. */
  stop(): Promise<void>;
}

const retryMs = 500;
/** The relay publishes again what it claimed a minute ago; clocks of machines differ by less than the rest. */
const recallMs = 180_000;
const clockSkewMs = 60_000;
const passes: ReadonlySet<string> = new Set(['transient', 'dependency', 'fenced']);

/**
 * Requests of one pool. An attempt is told as started, then the group's position is committed, then it runs: a worker that
 * dies in between leaves a lease that ends, never two attempts of one epoch. Nothing that runs is awaited here.
 */
export async function consumeRequests(options: ConsumeOptions): Promise<RequestConsumer> {
  const { pool, client, registry, attempts, reporter, clock, wall, mostWaiting = 500, pollMs = 250, onTrouble, onFatal } = options;
  const { name: topic } = requestTopicOf(pool);
  const group = `orchestrator-worker.${pool}`;
  const decode = createRequestDecoder(registry, options.onUnreadable);
  const fetcher: Fetcher = await client.openFetcher();
  let lanes = new Map<number, RequestLane>();
  let assigned: readonly number[] | null = null;
  let isJoined = false;
  let isStopped = false;
  let wake = Promise.withResolvers<void>();
  let pumping: Promise<void> | null = null;
  let isPumpWanted = false;

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
        wake.resolve();
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
    const tools = { client, decode, onRequest: (request: TaskRequested) => attempts.remember(request), pollMs };
    lane.recalledFrom = await recallRequests({ place, beforeOffset: lane.recalledFrom, startOffset, sinceMs }, tools);
    lane.recalledSinceMs = sinceMs;
  };
  const openAssigned = async (): Promise<void> => {
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
    for (const lane of opening) {
      lanes.set(lane.partition, lane);
      fetcher.assign({ topic, partition: lane.partition }, lane.position);
    }
  };
  const balance = (lane: RequestLane): void => {
    const place = { topic, partition: lane.partition };
    const isFull = lane.waiting.length >= mostWaiting;
    if (isFull && !lane.isPaused) fetcher.pause(place);
    if (!isFull && lane.isPaused) fetcher.resume(place);
    lane.isPaused = isFull;
  };

  /** @returns whether the positions are the group's now; false = somebody else starts these requests. */
  const commit = async (own: Map<number, RequestLane>): Promise<boolean> => {
    const moved = [...own.values()].filter(({ position, committed }) => position > committed);
    const positions = moved.map(({ partition, position: offset }) => ({ topic, partition, offset, metadata: '' }));
    if (own !== lanes) return false;
    try {
      if (positions.length > 0) await member.commitPositions(positions);
    } catch (error) {
      const { kind } = classifyError(error);
      if (!passes.has(kind)) onFatal(error);
      onTrouble(error);
      return false;
    }
    for (const { partition, offset } of positions) (own.get(partition) as RequestLane).committed = offset;
    return own === lanes;
  };
  /** After a commit that failed nobody knows where the group stands: it is asked. Until then nothing may be committed behind what was given back. */
  const startAgain = (own: Map<number, RequestLane>): void => {
    if (own !== lanes) return;
    closeLanes();
    assigned = [...own.keys()];
    wake.resolve();
  };
  const startWaiting = async (): Promise<void> => {
    const own = lanes;
    const admitted: TaskRequested[] = [];
    takeStartable(
      own.values(),
      () => attempts.free(),
      (request) => {
        if (request.kind === 'cancel') attempts.cancel(request);
        else if (attempts.admit(request) === 'run') admitted.push(request);
      },
    );
    for (const lane of own.values()) balance(lane);
    // Both must be safe before anything runs, whichever is first.
    const telling = admitted.length > 0 ? reporter.send(admitted.map((request) => attempts.started(request))) : Promise.resolve();
    const [isOurs] = await Promise.all([commit(own), telling]);
    if (isOurs) for (const request of admitted) attempts.run(request);
    else {
      for (const request of admitted) attempts.withdraw(request);
      startAgain(own);
    }
  };
  const pump = (): void => {
    isPumpWanted = true;
    pumping ??= (async () => {
      while (isPumpWanted && !isStopped) {
        isPumpWanted = false;
        await startWaiting();
      }
    })()
      .catch((error: unknown) => {
        if (!isStopped) onFatal(error);
      })
      .finally(() => {
        pumping = null;
        if (isPumpWanted && !isStopped) pump();
      });
  };

  const sleep = async (ms: number): Promise<void> => {
    const cancel = clock.after(ms, () => wake.resolve());
    await wake.promise;
    cancel();
    wake = Promise.withResolvers();
  };
  const turn = async (): Promise<void> => {
    await openAssigned();
    if (lanes.size === 0) return sleep(pollMs);
    const own = lanes;
    for (const { partition, records, nextOffset } of await fetcher.poll(pollMs)) {
      if (own !== lanes) return;
      const lane = own.get(partition);
      if (lane === undefined || records.length === 0) continue;
      const requests = await decode(records);
      // After an outage the relay may repeat what it published long ago.
      for (const { request } of requests) if (request?.kind === 'run') await recall(lane, request.requestedAt - clockSkewMs);
      // A stop of what stands further ahead in the queue does not wait for its turn.
      for (const { request } of requests) if (request?.kind === 'cancel') attempts.cancel(request);
      lane.waiting.push(...requests);
      const last = lane.waiting.at(-1);
      if (last && nextOffset > last.nextOffset) lane.waiting.push({ request: null, nextOffset });
      balance(lane);
    }
    if ([...own.values()].some(({ waiting }) => waiting.length > 0)) pump();
  };
  const running = (async () => {
    while (!isStopped) {
      try {
        await turn();
      } catch (error) {
        if (!passes.has(classifyError(error).kind)) return onFatal(error);
        onTrouble(error);
        // What was fetched and not understood yet is read again.
        assigned ??= [...lanes.keys()];
        await sleep(retryMs);
      }
    }
  })();

  return {
    nudge: pump,
    isJoined: () => isJoined,
    async stop() {
      isStopped = true;
      wake.resolve();
      await running;
      await pumping;
      await member.leave().catch(() => undefined);
      await fetcher.close().catch(() => undefined);
    },
  };
}
