import type { FetchedRecords } from '../ports/kafka-client.ts';
import type { ByteReader } from './byte-reader.ts';
import { createByteWriter } from './byte-writer.ts';
import type { AbortedTransaction, DecodedBatches } from './decode-batches.ts';
import type { KafkajsBroker } from './kafkajs-internals.ts';
import { callBroker } from './raw-request.ts';

export interface PartitionToFetch {
  readonly topic: string;
  readonly partition: number;
  readonly position: number;
}

export interface FetchLimits {
  readonly maxWaitMs: number;
  readonly maxBytes: number;
  readonly maxPartitionBytes: number;
}

export interface PartitionFetched {
  readonly topic: string;
  readonly partition: number;
  readonly errorCode: number;
  readonly highWatermark: number;
  readonly lastStableOffset: number;
  readonly records: FetchedRecords;
  readonly nextOffset: number;
  /** Bytes as fetched. */
  readonly bytes: number;
  /** Bytes that the records keep in memory: more than were fetched when those were compressed. */
  readonly recordBytes: number;
}

/** Turns the record set of one partition into records. Ours, or kafkajs's own. */
export type RecordSetDecoder = (recordSet: Buffer, from: number, aborted: readonly AbortedTransaction[]) => Promise<DecodedBatches>;

const fetchKey = 1;
const fetchVersion = 11;
const readCommitted = 1;
const consumer = -1;
const noSession = { id: 0, epoch: -1 } as const;

function bodyOf(partitions: readonly PartitionToFetch[], { maxWaitMs, maxBytes, maxPartitionBytes }: FetchLimits): Buffer {
  const writer = createByteWriter(256 + partitions.length * 64);
  const byTopic = Map.groupBy(partitions, ({ topic }) => topic);
  writer.int32(consumer);
  writer.int32(maxWaitMs);
  writer.int32(1);
  writer.int32(maxBytes);
  writer.int8(readCommitted);
  writer.int32(noSession.id);
  writer.int32(noSession.epoch);
  writer.int32(byTopic.size);
  for (const [topic, ofTopic] of byTopic) {
    writer.string(topic);
    writer.int32(ofTopic.length);
    for (const { partition, position } of ofTopic) {
      writer.int32(partition);
      writer.int32(-1);
      writer.int64(position);
      writer.int64(-1);
      writer.int32(maxPartitionBytes);
    }
  }
  writer.int32(0);
  writer.string('');
  return writer.view();
}

interface RawPartition {
  readonly topic: string;
  readonly partition: number;
  readonly errorCode: number;
  readonly highWatermark: number;
  readonly lastStableOffset: number;
  readonly aborted: readonly AbortedTransaction[];
  readonly recordSet: Buffer;
}

function readPartition(reader: ByteReader, topic: string): RawPartition {
  const partition = reader.int32();
  const errorCode = reader.int16();
  const highWatermark = reader.int64();
  const lastStableOffset = reader.int64();
  reader.int64();
  const aborted = reader.array(() => ({ producerId: reader.int64(), firstOffset: reader.int64() }));
  reader.int32();
  const recordSet = reader.take(Math.max(0, reader.int32()));
  return { topic, partition, errorCode, highWatermark, lastStableOffset, aborted, recordSet };
}

function readAnswer(reader: ByteReader): readonly RawPartition[] {
  reader.int32();
  reader.int16();
  reader.int32();
  return reader
    .array(() => {
      const topic = reader.string() as string;
      return reader.array(() => readPartition(reader, topic));
    })
    .flat();
}

/** One long poll at a broker. @throws VigilError CORRUPT_BATCH, UNSUPPORTED_CODEC; kafkajs's connection errors */
export async function fetchFrom(
  broker: KafkajsBroker,
  partitions: readonly PartitionToFetch[],
  options: { readonly limits: FetchLimits; readonly decode: RecordSetDecoder; readonly requestTimeoutMs: number },
): Promise<readonly PartitionFetched[]> {
  const { limits, decode, requestTimeoutMs } = options;
  const positions = new Map(partitions.map(({ topic, partition, position }) => [`${topic}/${partition}`, position]));
  const raw = await callBroker(broker, {
    apiKey: fetchKey,
    apiVersion: fetchVersion,
    apiName: 'Fetch',
    body: bodyOf(partitions, limits),
    read: readAnswer,
    requestTimeoutMs: limits.maxWaitMs + requestTimeoutMs,
  });
  const answers: PartitionFetched[] = [];
  for (const { recordSet, aborted, ...answer } of raw) {
    const from = positions.get(`${answer.topic}/${answer.partition}`) as number;
    const { records, nextOffset, bytes: recordBytes } = await decode(recordSet, from, aborted);
    answers.push({ ...answer, records, nextOffset, bytes: recordSet.length, recordBytes });
  }
  return answers;
}
