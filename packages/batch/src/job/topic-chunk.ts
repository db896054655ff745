import { topics, type ItemRejected, type Topic } from '@vigil/contracts';
import { hashId, isVigilError, VigilError, type Clock } from '@vigil/core';
import {
  createValueEncoder,
  headerNames,
  partitionOf,
  valueSubjectOf,
  type KafkaClient,
  type ProducedRecord,
  type RecordHeaders,
  type SchemaRegistry,
  type ValueEncoder,
} from '@vigil/kafka';
import type { JobPartition, Mapped, MapItem, OutgoingRecord, PositionedItem } from './batch-job.ts';

/** Records of a chunk on their way, and the line behind each. */
export interface EncodedItem {
  readonly kind: Mapped['kind'];
  readonly records: readonly ProducedRecord[];
  readonly bytes: number;
}

export type EncodeItem<Item> = (item: PositionedItem<Item>) => EncodedItem;

/** Where a topic's values go: how they are encoded, over how many partitions. */
interface Lane {
  readonly topic: Topic;
  readonly encode: ValueEncoder;
  readonly partitions: number;
}

/** What a record costs beside key and value, in memory and on its way. */
const recordOverhead = 128;
/** What a batch needs beside its only record. */
const batchOverhead = 1024;
/** What is kept of a rejected item, so that its record fits. */
const mostKeptBytes = 4 * 1024 * 1024;

async function openLanes(client: Pick<KafkaClient, 'admin'>, registry: SchemaRegistry, written: readonly Topic[]) {
  const described = await client.admin.describeTopics(written.map(({ name }) => name));
  const counts = new Map(described.map(({ name, partitions }) => [name, partitions]));
  const lanes = new Map<string, Lane>();
  for (const topic of written) {
    const partitions = counts.get(topic.name) ?? 0;
    if (partitions === 0) throw new VigilError('TOPIC_MISSING', { detail: topic.name });
    const encode = createValueEncoder(topic.schema, await registry.idOf(valueSubjectOf(topic.name), topic.schema));
    lanes.set(topic.name, { topic, encode, partitions });
  }
  return lanes;
}

export interface EncoderOptions<Item> {
  readonly client: Pick<KafkaClient, 'admin'>;
  readonly registry: SchemaRegistry;
  readonly partition: JobPartition<Item>;
  readonly map: MapItem<Item>;
  /** Topics that `map` writes. */
  readonly writes: readonly Topic[];
  readonly source: JobSource;
  readonly traceparent: string | null;
  readonly clock: Clock;
}

/** What a rejected item says of where it came from. */
export interface JobSource {
  readonly name: string;
  /** Id in the file ledger; empty for a table. */
  readonly fileId: string;
}

type Rejection = Omit<Extract<Mapped, { kind: 'rejected' }>, 'kind'>;

/** Runs the mapper. What it throws of the catalogue is the item's fault; anything else is ours, and says where. */
function mapSafely<Item>(map: MapItem<Item>, item: PositionedItem<Item>, job: string): Mapped {
  try {
    return map(item);
  } catch (cause) {
    if (isVigilError(cause) && cause.kind === 'poison')
      return { kind: 'rejected', code: cause.code, field: '', detail: '', bytes: Buffer.alloc(0) };
    throw new VigilError('PROCESSOR_FAULT', { detail: `${job}, ${item.place}.`, cause });
  }
}

/**
 * @returns what turns items into records as they are sent
 * @throws VigilError TOPIC_MISSING, SCHEMA_NOT_REGISTERED, REGISTRY_AWAY
 */
export async function openItemEncoder<Item>(options: EncoderOptions<Item>): Promise<EncodeItem<Item>> {
  const { client, registry, partition: part, map, writes, source, traceparent, clock } = options;
  const lanes = await openLanes(client, registry, [...writes, topics.itemRejected]);
  const headers: RecordHeaders = [
    ...(traceparent === null ? [] : [[headerNames.traceparent, Buffer.from(traceparent, 'latin1')] as const]),
    [headerNames.batchId, Buffer.from(part.batchId, 'utf8')],
  ];
  const recordOf = ({ topic, key, value, partitionKey = key }: OutgoingRecord): ProducedRecord => {
    const lane = lanes.get(topic.name);
    if (!lane) throw new TypeError(`The job does not say that it writes ${topic.name}.`);
    const keyBytes = Buffer.from(key, 'utf8');
    const placing = partitionKey === key ? keyBytes : Buffer.from(partitionKey, 'utf8');
    const bytes = Buffer.isBuffer(value) ? value : lane.encode(value);
    return { topic: topic.name, partition: partitionOf(placing, lane.partitions), key: keyBytes, value: bytes, headers, timestamp: null };
  };
  const sizeOf = ({ key, value }: ProducedRecord): number => (key?.length ?? 0) + (value?.length ?? 0) + recordOverhead;
  const isTooLarge = (record: ProducedRecord): boolean =>
    sizeOf(record) + batchOverhead > (lanes.get(record.topic) as Lane).topic.maxMessageBytes;
  const rejectionOf = ({ place, line, position }: PositionedItem<Item>, { code, field, detail, bytes }: Rejection): ProducedRecord => {
    const value: ItemRejected = {
      rejectionId: hashId('rejected', part.job, part.partition, position),
      job: part.job,
      runId: part.runId,
      batchId: part.batchId,
      source: source.name,
      fileId: source.fileId,
      line,
      place,
      code,
      field,
      detail,
      item: bytes.subarray(0, mostKeptBytes),
      rejectedAt: clock.now(),
    };
    return recordOf({ topic: topics.itemRejected, key: part.job, value });
  };
  const asEncoded = (kind: Mapped['kind'], records: readonly ProducedRecord[]): EncodedItem => {
    let bytes = 0;
    for (const record of records) bytes += sizeOf(record);
    return { kind, records, bytes };
  };
  return (item) => {
    const mapped = mapSafely(map, item, part.job);
    if (mapped.kind === 'skipped' || mapped.kind === 'mark') return asEncoded(mapped.kind, []);
    if (mapped.kind === 'rejected') {
      const beside = (mapped.records ?? []).map(recordOf);
      return asEncoded('rejected', [rejectionOf(item, mapped), ...beside]);
    }
    const records = mapped.records.map(recordOf);
    const large = records.find(isTooLarge);
    if (!large) return asEncoded('records', records);
    const refused: Rejection = { code: 'MESSAGE_TOO_LARGE', field: '', detail: `For ${large.topic}.`, bytes: large.value as Buffer };
    return asEncoded('rejected', [rejectionOf(item, refused)]);
  };
}
