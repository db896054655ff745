import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import type { WorkflowPool } from '@vigil/contracts';
import { classifyError, type Clock, type ErrorCode } from '@vigil/core';
import { systemStageClock, type KafkaClient, type SchemaRegistry } from '@vigil/kafka';
import type { createPool } from '@vigil/postgres';
import type { EmittersOf, Health, Log, OnClose, SpanTracer } from '@vigil/runtime';
import { announceWorker } from './announce-worker.ts';
import { createAttempts } from './attempts/attempts.ts';
import { traceAttempt } from './attempts/trace-attempt.ts';
import type { FindExecutor } from './executor.ts';
import { consumeRequests, type RequestConsumer } from './kafka/consume-requests.ts';
import { requestTopicOf } from './kafka/decode-requests.ts';
import { tailTopic } from './kafka/tail-topic.ts';
import { createReporter } from './kafka/create-reporter.ts';
import { createPayloadStore } from './payload-store.ts';
import type { workerEvents } from './worker-events.ts';

export interface WorkerParts {
  readonly pools: readonly WorkflowPool[];
  readonly settings: {
    readonly atOnce: number;
    readonly abortGraceMs: number;
    readonly sessionTimeoutMs: number;
    readonly shutdownMs: number;
  };
  readonly client: KafkaClient;
  readonly registry: SchemaRegistry;
  readonly database: Pick<ReturnType<typeof createPool>, 'query'>;
  readonly find: FindExecutor;
  readonly clock: Clock;
  readonly log: Log;
  readonly spans: SpanTracer | null;
  readonly events: EmittersOf<(typeof workerEvents)['declared']>;
  readonly health: Health;
  readonly onClose: OnClose;
  readonly fail: (error: unknown) => void;
}

/** Share of the time to stop that attempts under way may use; the rest is for telling and closing. */
const drainShare = 0.6;

/** Serves pools: requests in, attempts, reports out. Closed in reverse: no further request, attempts end or are handed back, the last reports. */
export async function startWorker(parts: WorkerParts): Promise<void> {
  const { pools, settings, client, registry, database, find, clock, log, spans, events, health, onClose, fail } = parts;
  const onTrouble = (error: unknown): void => events.dependencyAway({ code: classifyError(error).code as ErrorCode });
  const reporter = createReporter({ client, registry, clock: systemStageClock, onTrouble, onFatal: fail });
  onClose('reports', () => reporter.close());
  const consumers: RequestConsumer[] = [];
  const worker = `${pools.join('+')}@${hostname()}/${process.pid}/${randomUUID().slice(0, 8)}`;
  const attempts = createAttempts({
    worker,
    find,
    payloads: createPayloadStore(database),
    reporter,
    observer: {
      started(waitedMs) {
        events.attemptStarted({ waitedMs });
        events.underWay({ attempts: attempts.count() });
      },
      ended(attempt) {
        const { how, lastedMs } = attempt;
        events.attemptEnded({ how, lastedMs });
        if (spans !== null) traceAttempt(spans, attempt, clock.now());
        events.underWay({ attempts: Math.max(0, attempts.count() - 1) });
      },
      failed: (error) => log.failure('an attempt of a task failed', error),
    },
    clock: systemStageClock,
    wall: clock,
    atOnce: settings.atOnce,
    abortGraceMs: settings.abortGraceMs,
    onFree: () => {
      for (const consumer of consumers) consumer.nudge();
    },
  });
  onClose('attempts', () => attempts.drain(settings.shutdownMs * drainShare));
  for (const pool of pools) {
    const consumer = await consumeRequests({
      pool,
      client,
      registry,
      attempts,
      reporter,
      clock: systemStageClock,
      wall: clock,
      sessionTimeoutMs: settings.sessionTimeoutMs,
      onUnreadable: () => events.requestUnreadable({ pool }),
      onTrouble,
      onFatal: fail,
    });
    // After a rebalance the wish that an attempt stops goes to another worker than the one that runs it: all hear of all.
    const wishes = tailTopic({
      client,
      registry,
      topic: requestTopicOf(pool),
      from: 'end',
      onValue: (request) => void (request.kind === 'cancel' && attempts.cancel(request)),
      onTrouble,
    });
    onClose(`wishes to stop of ${pool}`, () => wishes.stop());
    onClose(`requests of ${pool}`, () => consumer.stop());
    consumers.push(consumer);
    health.watch(`requests of ${pool}`, () => ({ live: true, ready: consumer.isJoined() }));
  }
  onClose('announcement', announceWorker({ worker, reporter, clock: systemStageClock, wall: clock }));
}
