import type { FetchedBatch, Fetcher, KafkaClient, ProducedRecord } from '@vigil/kafka';
import { decodeBatches } from '../packages/kafka/src/kafkajs/decode-batches.ts';
import { encodeBatch } from '../packages/kafka/src/kafkajs/encode-batch.ts';

const perBatch = 2_500;
const nobody = { producerId: -1, producerEpoch: -1, firstSequence: -1, transactional: false };

interface Part {
  readonly bytes: Buffer;
  readonly from: number;
  readonly to: number;
}

export interface Logged {
  readonly client: KafkaClient;
  readonly count: number;
  /** Of the values. */
  readonly bytes: number;
}

function partsOf(records: Iterable<ProducedRecord>): { readonly parts: readonly Part[]; readonly bytes: number } {
  const parts: Part[] = [];
  let waiting: ProducedRecord[] = [];
  let valueBytes = 0;
  const flush = (): void => {
    const from = parts.at(-1)?.to ?? 0;
    const bytes = encodeBatch(waiting, nobody, Date.now());
    bytes.writeBigInt64BE(BigInt(from), 0);
    parts.push({ bytes, from, to: from + waiting.length });
    waiting = [];
  };
  for (const record of records) {
    valueBytes += record.value?.length ?? 0;
    if (waiting.push(record) === perBatch) flush();
  }
  if (waiting.length > 0) flush();
  return { parts, bytes: valueBytes };
}

function fetcherOf(inner: Fetcher, topic: string, parts: readonly Part[]): Fetcher {
  let next: number | null = null;
  return {
    ...inner,
    assign(place, offset) {
      if (place.topic === topic) next = 0;
      else inner.assign(place, offset);
    },
    unassign(place) {
      if (place.topic === topic) next = null;
      else inner.unassign(place);
    },
    async poll(maxWaitMs) {
      const part = next === null ? undefined : parts[next++];
      if (part === undefined) return inner.poll(maxWaitMs);
      // A fresh copy each time, as from a socket.
      const { records, nextOffset, bytes } = await decodeBatches(Buffer.from(part.bytes), part.from, []);
      const end = parts.at(-1)?.to ?? 0;
      const batch: FetchedBatch = {
        topic,
        partition: 0,
        position: part.from,
        records,
        nextOffset,
        bytes,
        lastStableOffset: end,
        highWatermark: end,
      };
      return [batch];
    },
  };
}

/** A client in whose partition 0 of one topic records stand as a broker would hold them; all other topics are in memory. */
export function loggedClient(memory: KafkaClient, topic: string, records: Iterable<ProducedRecord>): Logged {
  const { parts, bytes } = partsOf(records);
  const count = parts.at(-1)?.to ?? 0;
  const client: KafkaClient = {
    ...memory,
    admin: {
      ...memory.admin,
      startOffsets: async (name) => (name === topic ? [0] : memory.admin.startOffsets(name)),
      stableOffsets: async (name) => (name === topic ? [count] : memory.admin.stableOffsets(name)),
    },
    openFetcher: async () => fetcherOf(await memory.openFetcher(), topic, parts),
  };
  return { client, count, bytes };
}
