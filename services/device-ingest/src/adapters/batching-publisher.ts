import { VigilError } from '@vigil/core';
import { partitionOf, type EngineClock, type IdempotentProducer, type ProducedRecord } from '@vigil/kafka';
import type { ReceivedRecord, RecordPublisher } from '../http/record-publisher.ts';

export interface BatchingPublisherOptions {
  readonly openProducer: () => Promise<IdempotentProducer>;
  /** Partition count of each `received` topic. */
  readonly partitionsOf: (topic: string) => number;
  readonly clock: EngineClock;
  /** What is not acknowledged within this time counts as not taken. */
  readonly timeoutMs: number;
  /** Bytes that may wait, a quarter of them only of what is critical; beyond, requests are refused at once. */
  readonly maxWaitingBytes: number;
}

export interface BatchingPublisher extends RecordPublisher {
  /** Waits for what is being sent, then closes the producer. */
  close(): Promise<void>;
}

/** kafkajs groups the messages of a send in quadratic time. */
const recordsPerSend = 2000;
/** Small enough to be acknowledged well within the time-out. */
const bytesPerSend = 8 * 1024 * 1024;

/** Of the bytes that may wait: the rest is kept for requests with critical readings, so that claims of 4 MB do not stand in their way. */
const usualShare = 0.75;

interface Waiting {
  readonly records: readonly ProducedRecord[];
  readonly bytes: number;
  readonly sinceMs: number;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

const tooLong = (): VigilError => new VigilError('KAFKA_AWAY', { detail: 'No acknowledgement in time.' });

function* chunksOf(records: readonly ProducedRecord[]): Generator<readonly ProducedRecord[]> {
  for (let from = 0; from < records.length; from += recordsPerSend) yield records.slice(from, from + recordsPerSend);
}

function withTimeout<Value>(promise: Promise<Value>, clock: EngineClock, timeoutMs: number): Promise<Value> {
  const { promise: result, resolve, reject } = Promise.withResolvers<Value>();
  const cancel = clock.after(timeoutMs, () => reject(tooLong()));
  promise.then(resolve, reject).finally(cancel);
  return result;
}

/**
 * Sends what concurrent requests bring as one batch after the other: an idempotent producer may have one request in flight.
 *
 * After any failure the producer is thrown away: a late answer to a timed-out send would make the next one reuse its sequence
 * number, and Kafka would drop it silently.
 */
export function createBatchingPublisher(options: BatchingPublisherOptions): BatchingPublisher {
  const { openProducer, partitionsOf, clock, timeoutMs, maxWaitingBytes } = options;
  let producer: IdempotentProducer | null = null;
  let queue: Waiting[] = [];
  let waitingBytes = 0;
  let sending: Promise<void> | null = null;

  const produced = ({ topic, key, value, traceparent }: ReceivedRecord): ProducedRecord => {
    const keyBytes = Buffer.from(key, 'utf8');
    const headers = traceparent === null ? [] : [['traceparent', Buffer.from(traceparent)] as const];
    return { topic, partition: partitionOf(keyBytes, partitionsOf(topic)), key: keyBytes, value, headers, timestamp: null };
  };

  const takeBatch = (): Waiting[] => {
    let bytes = 0;
    let count = 0;
    while (count < queue.length && (count === 0 || bytes + (queue[count] as Waiting).bytes <= bytesPerSend)) {
      bytes += (queue[count++] as Waiting).bytes;
    }
    const batch = queue.slice(0, count);
    queue = queue.slice(count);
    waitingBytes -= bytes;
    return batch;
  };

  const discardProducer = async (): Promise<void> => {
    const discarded = producer;
    producer = null;
    // Its last request failed already; how closing it ends tells nothing more.
    await discarded?.close().catch(() => undefined);
  };

  /** What is given up is refused already: nothing more of it is sent, and a producer that opens too late is nobody's. */
  const sendAll = async (records: readonly ProducedRecord[], givenUp: AbortSignal): Promise<void> => {
    const current = producer ?? (await openProducer());
    if (givenUp.aborted) return current.close();
    producer = current;
    for (const chunk of chunksOf(records)) {
      if (givenUp.aborted) return;
      await current.send(chunk);
    }
  };

  const sendBatch = async (batch: readonly Waiting[]): Promise<void> => {
    const givingUp = new AbortController();
    const records = batch.flatMap((waiting) => waiting.records);
    try {
      await withTimeout(sendAll(records, givingUp.signal), clock, timeoutMs);
      for (const { resolve } of batch) resolve();
    } catch (error) {
      givingUp.abort();
      for (const { reject } of batch) reject(error);
      void discardProducer();
    }
  };

  const sendQueue = async (): Promise<void> => {
    while (queue.length > 0) {
      const batch = takeBatch();
      const expired = batch.filter(({ sinceMs }) => clock.now() - sinceMs >= timeoutMs);
      for (const { reject } of expired) reject(tooLong());
      const current = batch.filter((waiting) => !expired.includes(waiting));
      if (current.length > 0) await sendBatch(current);
    }
    sending = null;
  };

  return {
    publish(records, urgency) {
      const bytes = records.reduce((sum, { value, key }) => sum + value.length + key.length, 0);
      if (waitingBytes + bytes > maxWaitingBytes * (urgency === 'critical' ? 1 : usualShare)) {
        return Promise.reject(new VigilError('KAFKA_AWAY', { detail: 'Too much waits for an acknowledgement.' }));
      }
      const { promise, resolve, reject } = Promise.withResolvers<void>();
      queue.push({ records: records.map(produced), bytes, sinceMs: clock.now(), resolve, reject });
      waitingBytes += bytes;
      sending ??= sendQueue();
      return promise;
    },
    async close() {
      await sending;
      await discardProducer();
    },
  };
}
