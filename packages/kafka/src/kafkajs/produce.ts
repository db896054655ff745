import type { AppendedBatch, ProducedRecord } from '../ports/kafka-client.ts';
import { createByteWriter } from './byte-writer.ts';
import type { ClusterLink } from './cluster-link.ts';
import { recordBytes, writeBatch } from './encode-batch.ts';
import { protocolErrorOf } from './kafkajs-internals.ts';
import { callBroker } from './raw-request.ts';
import type { SequenceBook } from './sequence-book.ts';

/** Records of one partition that fit into one batch. */
export interface PartitionBatch {
  readonly topic: string;
  readonly partition: number;
  readonly records: ProducedRecord[];
}

/** Topics take 1 MiB a batch by default; a record larger than this has a batch of its own. */
const maxBatchBytes = 900_000;
const produceKey = 0;
const produceVersion = 7;
const allReplicas = -1;
const duplicateSequence = 46;

/** The batch of a partition that is being filled. */
interface Slot {
  readonly round: number;
  readonly batch: PartitionBatch;
  bytes: number;
}

const slotOf = (open: Map<string, Map<number, Slot>>, { topic, partition }: ProducedRecord): Slot | undefined =>
  open.get(topic)?.get(partition);

function openSlot(
  open: Map<string, Map<number, Slot>>,
  rounds: PartitionBatch[][],
  { topic, partition }: ProducedRecord,
  round: number,
): Slot {
  const slot: Slot = { round, bytes: 0, batch: { topic, partition, records: [] } };
  (rounds[round] ??= []).push(slot.batch);
  const ofTopic = open.get(topic) ?? new Map<number, Slot>();
  open.set(topic, ofTopic.set(partition, slot));
  return slot;
}

/** Splits records into rounds: in each at most one batch per partition, all in their order. */
export function planRounds(records: readonly ProducedRecord[]): readonly (readonly PartitionBatch[])[] {
  const rounds: PartitionBatch[][] = [];
  const open = new Map<string, Map<number, Slot>>();
  let last: Slot | undefined;
  for (const record of records) {
    const bytes = recordBytes(record);
    let slot: Slot | undefined =
      last && last.batch.topic === record.topic && last.batch.partition === record.partition ? last : slotOf(open, record);
    if (!slot || slot.bytes + bytes > maxBatchBytes) slot = openSlot(open, rounds, record, slot ? slot.round + 1 : 0);
    slot.bytes += bytes;
    slot.batch.records.push(record);
    last = slot;
  }
  return rounds;
}

export interface ProduceIdentity {
  readonly transactionalId: string | null;
  readonly producerId: number;
  readonly producerEpoch: number;
  readonly sequences: SequenceBook;
}

function bodyOf(batches: readonly PartitionBatch[], identity: ProduceIdentity, timeoutMs: number): Buffer {
  const writer = createByteWriter(64 * 1024);
  const byTopic = Map.groupBy(batches, ({ topic }) => topic);
  writer.string(identity.transactionalId);
  writer.int16(allReplicas);
  writer.int32(timeoutMs);
  writer.int32(byTopic.size);
  const nowMs = Date.now();
  for (const [topic, ofTopic] of byTopic) {
    writer.string(topic);
    writer.int32(ofTopic.length);
    for (const { partition, records } of ofTopic) {
      writer.int32(partition);
      const lengthAt = writer.length;
      writer.int32(0);
      const firstSequence = identity.sequences.current(topic, partition);
      const { producerId, producerEpoch, transactionalId } = identity;
      writeBatch(writer, records, { producerId, producerEpoch, firstSequence, transactional: transactionalId !== null }, nowMs);
      writer.int32At(lengthAt, writer.length - lengthAt - 4);
    }
  }
  return writer.view();
}

interface PartitionAnswer {
  readonly topic: string;
  readonly partition: number;
  readonly errorCode: number;
  /** −1 = not told. */
  readonly firstOffset: number;
}

async function produceTo(link: ClusterLink, nodeId: number, body: Buffer): Promise<readonly PartitionAnswer[]> {
  const broker = await link.broker(nodeId);
  return callBroker(broker, {
    apiKey: produceKey,
    apiVersion: produceVersion,
    apiName: 'Produce',
    body,
    read: (reader) =>
      reader
        .array(() => {
          const topic = reader.string() as string;
          return reader.array(() => {
            const answer = { topic, partition: reader.int32(), errorCode: reader.int16(), firstOffset: reader.int64() };
            reader.take(16);
            return answer;
          });
        })
        .flat(),
  });
}

/**
 * Sends one round and moves the sequences of what was taken. One request in flight per producer and broker: sequences
 * depend on it.
 *
 * @param onAppended  told of each batch that was taken, also when another one fails
 * @throws the first error of a partition, or the connection's; the sequences of partitions that were not taken stand still
 */
export async function produceRound(
  link: ClusterLink,
  batches: readonly PartitionBatch[],
  identity: ProduceIdentity,
  { timeoutMs, onAppended }: { readonly timeoutMs: number; readonly onAppended: (batch: AppendedBatch) => void },
): Promise<void> {
  await link.withTopics(new Set(batches.map(({ topic }) => topic)));
  const byLeader = Map.groupBy(batches, ({ topic, partition }) => link.leaderOf(topic, partition));
  const settled = await Promise.allSettled(
    [...byLeader].map(async ([nodeId, ofLeader]) => {
      const answers = await produceTo(link, nodeId, bodyOf(ofLeader, identity, timeoutMs));
      let failed = 0;
      for (const { topic, partition, errorCode, firstOffset } of answers) {
        // A repeat of what the broker has already: taken.
        if (errorCode !== 0 && errorCode !== duplicateSequence) failed ||= errorCode;
        else {
          const count = countOf(ofLeader, topic, partition);
          identity.sequences.advance(topic, partition, count);
          onAppended({ topic, partition, firstOffset: firstOffset < 0 ? null : firstOffset, count });
        }
      }
      if (failed !== 0) throw protocolErrorOf(failed);
    }),
  );
  for (const result of settled) if (result.status === 'rejected') throw result.reason;
}

const countOf = (batches: readonly PartitionBatch[], topic: string, partition: number): number =>
  (batches.find((batch) => batch.topic === topic && batch.partition === partition) as PartitionBatch).records.length;
