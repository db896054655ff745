import { recordOfPiece } from '@vigil/batch';
import type { ClaimPiece, RejectedPiece } from '@vigil/claim-formats';
import { topics, type Topic } from '@vigil/contracts';
import type { Clock } from '@vigil/core';
import {
  createValueEncoder,
  partitionOf,
  valueSubjectOf,
  type IdempotentProducer,
  type ProducedRecord,
  type SchemaRegistry,
} from '@vigil/kafka';

export interface ClaimPublisherOptions {
  readonly producer: IdempotentProducer;
  readonly registry: SchemaRegistry;
  readonly partitionsOf: (topic: string) => number;
  readonly batchId: string | undefined;
  /** Claims a second; undefined = as fast as they are acknowledged. */
  readonly rate: number | undefined;
  readonly clock: Clock;
  readonly sleep: (ms: number) => Promise<void>;
  readonly yieldToLive: (() => Promise<void>) | undefined;
}

export interface ClaimPublisher {
  take(piece: ClaimPiece | RejectedPiece): Promise<void>;
  /** Resolves once all that was taken is acknowledged. */
  flush(): Promise<void>;
  /** Claims, acknowledged. */
  sent(): number;
  /** Claims inside of rejections, acknowledged as such. */
  rejected(): number;
}

const mostRecords = 2000;
const mostBytes = 1024 * 1024;
/** A paced sender sends this often. */
const paceMs = 50;

const encoderOf = async (registry: SchemaRegistry, topic: Topic) =>
  createValueEncoder(topic.schema, await registry.idOf(valueSubjectOf(topic.name), topic.schema));

/**
 * Publishes what the splitter gives: the customer's JSON as its own bytes, other formats as `ClaimReceived`, rejections on
 * their own topic.
 *
 * @throws VigilError SCHEMA_NOT_REGISTERED, REGISTRY_AWAY
 */
export async function openClaimPublisher(options: ClaimPublisherOptions): Promise<ClaimPublisher> {
  const { producer, registry, partitionsOf, batchId, rate, clock, sleep, yieldToLive } = options;
  const encodeClaim = await encoderOf(registry, topics.claimReceived);
  const encodeRejection = await encoderOf(registry, topics.interchangeRejected);
  const headers = batchId === undefined ? [] : [['vigil-batch-id', Buffer.from(batchId, 'utf8')] as const];
  const perRequest = rate === undefined ? mostRecords : Math.min(mostRecords, Math.max(1, Math.floor((rate * paceMs) / 1000)));
  const startedMs = clock.now();
  let waiting: ProducedRecord[] = [];
  let bytes = 0;
  let [sent, rejected] = [0, 0];
  let [claims, rejections] = [0, 0];

  const recordOf = ({ name }: Topic, key: string, value: Buffer): ProducedRecord => {
    const keyBytes = Buffer.from(key, 'utf8');
    return { topic: name, partition: partitionOf(keyBytes, partitionsOf(name)), key: keyBytes, value, headers, timestamp: null };
  };
  const flush = async (): Promise<void> => {
    if (waiting.length === 0) return;
    const dueMs = rate === undefined ? 0 : startedMs + (sent * 1000) / rate;
    if (dueMs > clock.now()) await sleep(dueMs - clock.now());
    await yieldToLive?.();
    await producer.send(waiting);
    sent += claims;
    rejected += rejections;
    [claims, rejections] = [0, 0];
    waiting = [];
    bytes = 0;
  };
  const encode = (piece: ClaimPiece | RejectedPiece): ProducedRecord => {
    const { topic, key, value } = recordOfPiece(piece);
    if (Buffer.isBuffer(value)) return recordOf(topic, key, value);
    return recordOf(topic, key, piece.kind === 'claim' ? encodeClaim(value) : encodeRejection(value));
  };
  return {
    async take(piece) {
      const record = encode(piece);
      const size = record.value?.length ?? 0;
      if (waiting.length >= perRequest || (bytes > 0 && bytes + size > mostBytes)) await flush();
      waiting.push(record);
      bytes += size;
      if (piece.kind === 'claim') claims++;
      else rejections += piece.record.claims;
    },
    flush,
    sent: () => sent,
    rejected: () => rejected,
  };
}
