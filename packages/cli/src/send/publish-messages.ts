import type { Topic } from '@vigil/contracts';
import type { Clock } from '@vigil/core';
import { partitionOf, type IdempotentProducer, type ProducedRecord } from '@vigil/kafka';
import { scanMembers, textOf } from '@vigil/batch';
import type { CutMessage } from '@vigil/batch';

export interface PublishOptions {
  readonly topic: Topic;
  readonly partitions: number;
  /** Member of the message that is its Kafka key. */
  readonly keyMember: string;
  readonly batchId: string | undefined;
  /** Messages a second; undefined = as fast as they are acknowledged. */
  readonly rate: number | undefined;
  readonly clock: Clock;
  readonly sleep: (ms: number) => Promise<void>;
  /** Resolves when the live stream leaves room for a batch. */
  readonly yieldToLive?: () => Promise<void>;
}

export interface Rejection {
  /** Line or item of the input, from 1. */
  readonly place: number;
  readonly code: 'MESSAGE_TOO_LARGE';
}

export interface Publisher {
  /** Resolves once all that is taken is acknowledged. */
  publish(messages: readonly CutMessage[]): Promise<void>;
  /** Acknowledged by the broker. */
  sent(): number;
  rejected(): readonly Rejection[];
  rejectedCount(): number;
}

/** Room that record, batch and headers take beside key and value. */
const envelopeBytes = 512;
const mostRecords = 2000;
const mostBytes = 1024 * 1024;
const mostRejectionsKept = 20;
/** A paced sender sends this often. */
const paceMs = 50;

function keyOf(message: Buffer, member: string): Buffer | null {
  const range = scanMembers(message, [member]).get(member);
  const text = range && textOf(message, range);
  return text ? Buffer.from(text, 'utf8') : null;
}

/** Publishes as devices do: each message's own bytes, keyed by its id, on the partition that Java's producer would choose. */
export function createPublisher(producer: IdempotentProducer, options: PublishOptions): Publisher {
  const { topic, partitions, keyMember, batchId, rate, clock, sleep, yieldToLive } = options;
  const headers = batchId === undefined ? [] : [['vigil-batch-id', Buffer.from(batchId, 'utf8')] as const];
  const startedMs = clock.now();
  const perRequest = rate === undefined ? mostRecords : Math.min(mostRecords, Math.max(1, Math.floor((rate * paceMs) / 1000)));
  const rejections: Rejection[] = [];
  let rejected = 0;
  let sent = 0;
  let unkeyed = 0;

  const reject = (place: number): void => {
    rejected++;
    if (rejections.length < mostRejectionsKept) rejections.push({ place, code: 'MESSAGE_TOO_LARGE' });
  };

  const recordOf = (value: Buffer, key: Buffer | null): ProducedRecord => {
    const partition = key === null ? unkeyed++ % partitions : partitionOf(key, partitions);
    return { topic: topic.name, partition, key, value, headers, timestamp: null };
  };

  const send = async (records: readonly ProducedRecord[]): Promise<void> => {
    if (records.length === 0) return;
    if (rate !== undefined) {
      const dueMs = startedMs + (sent * 1000) / rate;
      if (dueMs > clock.now()) await sleep(dueMs - clock.now());
    }
    await yieldToLive?.();
    await producer.send(records);
    sent += records.length;
  };

  return {
    async publish(messages) {
      let request: ProducedRecord[] = [];
      let bytes = 0;
      for (const { bytes: value, place } of messages) {
        const key = value && keyOf(value, keyMember);
        if (value === null || value.length + (key?.length ?? 0) + envelopeBytes > topic.maxMessageBytes) {
          reject(place);
          continue;
        }
        if (request.length >= perRequest || bytes + value.length > mostBytes) {
          await send(request);
          request = [];
          bytes = 0;
        }
        request.push(recordOf(value, key));
        bytes += value.length;
      }
      await send(request);
    },
    sent: () => sent,
    rejected: () => rejections,
    rejectedCount: () => rejected,
  };
}
