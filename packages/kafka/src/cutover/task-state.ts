import type { Topic } from '@vigil/contracts';
import { createValueDecoder, unresolvedIds } from '../codec/value-decoder.ts';
import { readWhole } from '../engine/read-whole.ts';
import type { PlannedStore, TopologyPlan } from '../engine/topology-plan.ts';
import type { FetchedRecord, KafkaClient, TopicPartition } from '../ports/kafka-client.ts';
import type { SchemaRegistry } from '../ports/schema-registry.ts';
import type { StateStore } from '../topology/state-store.ts';

export interface StateWorld {
  readonly client: KafkaClient;
  readonly registry: SchemaRegistry;
}

/** One store of one task: its latest rows as bytes, and what it makes of them. */
export interface HeldStore {
  readonly planned: PlannedStore;
  readonly store: StateStore<unknown>;
  readonly rows: Map<string, Buffer>;
}

const pollMs = 200;

async function readRows({ client }: StateWorld, place: TopicPartition): Promise<Map<string, Buffer>> {
  const rows = new Map<string, Buffer>();
  const onRecord = (_place: TopicPartition, { key, value }: FetchedRecord): void => {
    const name = key?.toString('utf8') ?? '';
    if (value === null) rows.delete(name);
    else rows.set(name, Buffer.from(value));
  };
  await readWhole({ client, places: [place], pollMs, onRecord });
  return rows;
}

/** The state that the changelogs of a task tell, under the names that `world.client` gives them. */
export async function readTaskState(plan: TopologyPlan, partition: number, world: StateWorld): Promise<readonly HeldStore[]> {
  const held: HeldStore[] = [];
  for (const planned of plan.stores) {
    const rows = await readRows(world, { topic: planned.changelog, partition });
    for (const id of unresolvedIds([...rows.values()], world.registry)) await world.registry.schemaOf(id);
    const store = planned.spec.open();
    for (const [key, bytes] of rows) store.restore(key, planned.decode(bytes) as object);
    held.push({ planned, store, rows });
  }
  return held;
}

/** Puts what `reconcile` changed into the rows. */
export function applyChanges({ store, rows, planned }: HeldStore): void {
  for (const { key, value } of store.changes()) {
    if (value === null) rows.delete(key);
    else rows.set(key, planned.encode(value));
  }
}

/** Markers take up offsets: the last record may lie this far before the end. */
const lookBack = 500;

/** The last record of a partition, decoded; null = none stands there. */
export async function readLast({ client, registry }: StateWorld, topic: Topic, partition: number): Promise<object | null> {
  const place = { topic: topic.name, partition };
  const [starts, ends] = await Promise.all([client.admin.startOffsets(topic.name), client.admin.stableOffsets(topic.name)]);
  const end = ends[partition] as number;
  let position = Math.max(starts[partition] as number, end - lookBack);
  let last: Buffer | null = null;
  if (position >= end) return null;
  const fetcher = await client.openFetcher();
  try {
    fetcher.assign(place, position);
    while (position < end) {
      for (const { records, nextOffset } of await fetcher.poll(pollMs)) {
        for (const { value } of records) last = value && Buffer.from(value);
        position = nextOffset;
      }
    }
  } finally {
    await fetcher.close();
  }
  if (last === null) return null;
  for (const id of unresolvedIds([last], registry)) await registry.schemaOf(id);
  return createValueDecoder(topic.schema, registry)(last) as object;
}
