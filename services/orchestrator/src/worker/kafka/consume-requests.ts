import type { TaskRequested, WorkflowPool } from '@vigil/contracts';
import { classifyError, type Clock } from '@vigil/core';
import type { EngineClock, Fetcher, KafkaClient, SchemaRegistry } from '@vigil/kafka';
import type { Attempts, Reporter } from '../attempts/attempts.ts';
import { createPump } from './create-pump.ts';
import { createRequestDecoder, requestTopicOf } from './decode-requests.ts';
import { holdLanes, type HeldLanes } from './hold-lanes.ts';
import type { RequestLane, WaitingRequest } from './request-lanes.ts';

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
/** By how much the clocks of two machines may differ. */
const clockSkewMs = 60_000;
const passes: ReadonlySet<string> = new Set(['transient', 'dependency', 'fenced']);

/** Puts what was read of a partition into its lane. */
async function fillLane(
  lane: RequestLane,
  requests: readonly WaitingRequest[],
  to: { lanes: HeldLanes; attempts: Attempts; nextOffset: number },
) {
  const { lanes, attempts, nextOffset } = to;
  // After an outage the relay may repeat what it published long ago.
  for (const { request } of requests) if (request?.kind === 'run') await lanes.recall(lane, request.requestedAt - clockSkewMs);
  // A stop of what stands further ahead in the queue does not wait for its turn.
  for (const { request } of requests) if (request?.kind === 'cancel') attempts.cancel(request);
  lane.waiting.push(...requests);
  const last = lane.waiting.at(-1);
  if (last && nextOffset > last.nextOffset) lane.waiting.push({ request: null, nextOffset });
  lanes.balance(lane);
}

/** Requests of one pool, read and started beside each other: nothing that runs is awaited by the read loop. */
export async function consumeRequests(options: ConsumeOptions): Promise<RequestConsumer> {
  const { pool, client, registry, attempts, reporter, clock, wall, sessionTimeoutMs, mostWaiting = 500, pollMs = 250 } = options;
  const { onTrouble, onFatal } = options;
  const { name: topic } = requestTopicOf(pool);
  const decode = createRequestDecoder(registry, options.onUnreadable);
  const fetcher: Fetcher = await client.openFetcher();
  let isStopped = false;
  let wake = Promise.withResolvers<void>();
  const lanes = await holdLanes({
    topic,
    group: `orchestrator-worker.${pool}`,
    client,
    fetcher,
    decode,
    wall,
    sessionTimeoutMs,
    pollMs,
    mostWaiting,
    onRecalled: (request: TaskRequested) => attempts.remember(request),
    onAssigned: () => wake.resolve(),
    onTrouble,
    onFatal,
  });
  const pump = createPump({ lanes, attempts, reporter, onFatal });

  const sleep = async (ms: number): Promise<void> => {
    const cancel = clock.after(ms, () => wake.resolve());
    await wake.promise;
    cancel();
    wake = Promise.withResolvers();
  };
  const turn = async (): Promise<void> => {
    await lanes.openAssigned();
    const own = lanes.current();
    if (own.size === 0) return sleep(pollMs);
    for (const { partition, records, nextOffset } of await fetcher.poll(pollMs)) {
      if (own !== lanes.current()) return;
      const lane = own.get(partition);
      if (lane !== undefined && records.length > 0) await fillLane(lane, await decode(records), { lanes, attempts, nextOffset });
    }
    if ([...own.values()].some(({ waiting }) => waiting.length > 0)) pump.start();
  };
  const running = (async () => {
    while (!isStopped) {
      try {
        await turn();
      } catch (error) {
        if (!passes.has(classifyError(error).kind)) return onFatal(error);
        onTrouble(error);
        lanes.reopen();
        await sleep(retryMs);
      }
    }
  })();

  return {
    nudge: () => pump.start(),
    isJoined: lanes.isJoined,
    async stop() {
      isStopped = true;
      wake.resolve();
      await running;
      await pump.stop();
      await lanes.leave();
      await fetcher.close().catch(() => undefined);
    },
  };
}
