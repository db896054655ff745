import { topics, type TaskReported, type TaskRequested } from '@vigil/contracts';
import { systemClock } from '@vigil/core';
import {
  createMemoryRegistry,
  createValueDecoder,
  createValueEncoder,
  partitionOf,
  systemStageClock,
  type Fetcher,
  type KafkaClient,
} from '@vigil/kafka';
import { createAttempts, type AttemptObserver, type Attempts } from './attempts/attempts.ts';
import type { Executor, TaskExecution } from './executor.ts';
import { consumeRequests, type RequestConsumer } from './kafka/consume-requests.ts';
import { createReporter } from './kafka/create-reporter.ts';
import type { PayloadStore } from './payload-store.ts';

export const rigPartitions = 2;

export const aRequest = (over: Partial<TaskRequested> = {}): TaskRequested => ({
  messageId: `${over.runId ?? 'r1'}/${over.epoch ?? 1}`,
  kind: 'run',
  runId: 'r1',
  workflow: 'w',
  version: 1,
  task: 't',
  part: 0,
  partKey: '',
  attempt: 1,
  epoch: 1,
  taskType: 'output',
  spec: JSON.stringify({ name: 't', type: 'output', depends_on: [], destination: 'd' }),
  input: '{}',
  inputRef: null,
  batchId: 'b1',
  runStartedAt: 0,
  idempotencyKey: 'r1/t/0',
  leaseMs: 30_000,
  deadlineAt: null,
  timeoutMs: null,
  requestedAt: 0,
  traceparent: null,
  ...over,
});

/** An executor whose attempts wait until the test ends them. */
export interface HeldExecutor extends Executor {
  /** Waits until so many attempts were begun. */
  begun(count: number): Promise<readonly HeldExecution[]>;
}
export interface HeldExecution extends TaskExecution {
  readonly end: PromiseWithResolvers<void>;
}

export function heldExecutor(options: { readonly ignoresAbort?: true; readonly isResumable?: true } = {}): HeldExecutor {
  const held: HeldExecution[] = [];
  let changed = Promise.withResolvers<void>();
  return {
    ...(options.isResumable && { isResumable: true }),
    async run(execution) {
      const end = Promise.withResolvers<void>();
      held.push({ ...execution, end });
      changed.resolve();
      changed = Promise.withResolvers();
      if (options.ignoresAbort === undefined)
        execution.signal.addEventListener('abort', () => end.reject(new Error('stopped')), { once: true });
      await end.promise;
      return { counts: { written: 1 }, values: {}, ref: null };
    },
    async begun(count) {
      while (held.length < count) await changed.promise;
      return held;
    },
  };
}

export interface WorkerRig {
  readonly attempts: Attempts;
  readonly consumer: RequestConsumer;
  stop(): Promise<void>;
}

export interface RigOptions {
  readonly client: KafkaClient;
  readonly executor: Executor | undefined;
  readonly worker?: string;
  readonly atOnce?: number;
  readonly abortGraceMs?: number;
  readonly payloads?: PayloadStore;
  readonly onEnded?: AttemptObserver['ended'];
  readonly onTrouble?: (error: unknown) => void;
  /** Without it what is fatal fails the test. */
  readonly onFatal?: (error: unknown) => void;
}

const noPayloads: PayloadStore = { load: () => Promise.resolve({}), save: () => Promise.resolve('p1') };
export const rigRegistry = createMemoryRegistry();
for (const { schema } of [topics.taskReported, topics.taskRequestedDefault]) rigRegistry.register(schema);

/** A worker of the pool `default`, without service or database. */
export async function openWorker(options: RigOptions): Promise<WorkerRig> {
  const { client, executor, worker = 'w1', atOnce = 10, abortGraceMs = 100, payloads = noPayloads, onEnded = () => undefined } = options;
  const {
    onTrouble = () => undefined,
    onFatal = (error: unknown): never => {
      throw error;
    },
  } = options;
  const reporter = createReporter({ client, registry: rigRegistry, clock: systemStageClock, onTrouble, onFatal });
  const attempts: Attempts = createAttempts({
    worker,
    find: () => executor,
    payloads,
    reporter,
    observer: { started: () => undefined, ended: onEnded, failed: () => undefined },
    clock: systemStageClock,
    wall: systemClock,
    atOnce,
    abortGraceMs,
    onFree: () => consumer?.nudge(),
  });
  const consumer: RequestConsumer = await consumeRequests({
    pool: 'default',
    client,
    registry: rigRegistry,
    attempts,
    reporter,
    clock: systemStageClock,
    wall: systemClock,
    sessionTimeoutMs: 6000,
    mostWaiting: 4,
    pollMs: 20,
    onUnreadable: () => undefined,
    onTrouble,
    onFatal,
  });
  return {
    attempts,
    consumer,
    async stop() {
      await consumer.stop();
      await attempts.drain(500);
      await reporter.close();
    },
  };
}

/** The orchestrator's side: requests out, reports in. */
export interface Desk {
  ask(...requests: readonly TaskRequested[]): Promise<void>;
  /** Asks as if it had been then. */
  askAt(publishedAt: number | null, ...requests: readonly TaskRequested[]): Promise<void>;
  /** All reports so far, once there are as many of this kind. */
  reports(kind: string, count: number): Promise<readonly TaskReported[]>;
  /** What the group has committed, over all partitions. */
  committed(): Promise<number>;
  close(): Promise<void>;
}

export async function openDesk(client: KafkaClient): Promise<Desk> {
  const producer = await client.openIdempotentProducer();
  const requested = topics.taskRequestedDefault;
  const encode = createValueEncoder(requested.schema, rigRegistry.register(requested.schema));
  const decode = createValueDecoder(topics.taskReported.schema, { ...rigRegistry, cached: () => topics.taskReported.schema });
  const fetcher: Fetcher = await client.openFetcher();
  for (let partition = 0; partition < rigPartitions; partition++) fetcher.assign({ topic: topics.taskReported.name, partition }, 0);
  const told: TaskReported[] = [];
  const askAt: Desk['askAt'] = async (timestamp, ...requests) => {
    await producer.send(
      requests.map((request) => {
        const key = Buffer.from(`${request.runId}/${request.task}/${request.part}`);
        const partition = partitionOf(key, rigPartitions);
        return { topic: requested.name, partition, key, value: encode(request), headers: [], timestamp };
      }),
    );
  };
  return {
    ask: (...requests) => askAt(null, ...requests),
    askAt,
    async reports(kind, count) {
      while (told.filter((report) => report.kind === kind).length < count)
        for (const { records } of await fetcher.poll(20))
          for (const { value } of records) told.push(decode(value as Buffer) as TaskReported);
      return told;
    },
    async committed() {
      const positions = await client.admin.committed('orchestrator-worker.default', [requested.name]);
      return positions.reduce((sum, { offset }) => sum + (offset ?? 0), 0);
    },
    async close() {
      await producer.close();
      await fetcher.close();
    },
  };
}
