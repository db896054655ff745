import type { Topic } from '@vigil/contracts';
import { createValueDecoder, lastRecord, readWhole, unresolvedIds, type KafkaClient, type SchemaRegistry } from '@vigil/kafka';
import type { ReplayPart } from '@vigil/postgres';
import type { OutputRecord } from './compare-outputs.ts';
import type { PartRange } from './replay-scope.ts';

const pollMs = 200;

export interface OutputWorld {
  readonly client: KafkaClient;
  readonly registry: SchemaRegistry;
}

/** Every record of a topic under `name`, of one key or of all, decoded as records of `topic`. */
export async function readOutputs(
  { client, registry }: OutputWorld,
  topic: Topic,
  { name, key }: { readonly name: string; readonly key: string | null },
): Promise<OutputRecord[]> {
  const [described] = await client.admin.describeTopics([name]);
  const places = Array.from({ length: described?.partitions ?? 0 }, (_, partition) => ({ topic: name, partition }));
  const found: { readonly partition: number; readonly value: Buffer }[] = [];
  await readWhole({
    client,
    places,
    pollMs,
    onRecord({ partition }, { value, key: own }) {
      if (value && (key === null || own?.toString('utf8') === key)) found.push({ partition, value: Buffer.from(value) });
    },
  });
  for (const id of unresolvedIds(found.map(({ value }) => value), registry)) await registry.schemaOf(id); // prettier-ignore
  const decode = createValueDecoder(topic.schema, registry);
  return found.map(({ partition, value }) => ({ partition, value: decode(value) as OutputRecord['value'] }));
}

/** Per partition the timestamp of the first record of its range; the partitions of one topic. */
export async function firstTimestamps(client: KafkaClient, ranges: readonly PartRange[]): Promise<number[]> {
  const first: number[] = [];
  const fetcher = await client.openFetcher();
  try {
    const open = new Map(ranges.map((range) => [range.partition, range]));
    for (const { topic, partition, fromOffset } of ranges) fetcher.assign({ topic, partition }, fromOffset);
    while (open.size > 0) {
      for (const batch of await fetcher.poll(pollMs)) {
        const { partition, records, nextOffset } = batch;
        const [record] = records;
        if (record) first[partition] = record.timestamp;
        if (!record && nextOffset < (open.get(partition)?.untilOffset ?? 0)) continue;
        open.delete(partition);
        fetcher.unassign(batch);
      }
    }
  } finally {
    await fetcher.close();
  }
  return first;
}

/** Per partition the timestamp of the last record before the end of the job; the partitions of one topic. */
export async function lastTimestamps(client: KafkaClient, parts: readonly ReplayPart[]): Promise<number[]> {
  const last: number[] = [];
  for (const { topic, partition, fromOffset: from, untilOffset: end } of parts) {
    const record = await lastRecord(client, { topic, partition, from, end });
    if (record !== null) last[partition] = record.timestamp;
  }
  return last;
}
