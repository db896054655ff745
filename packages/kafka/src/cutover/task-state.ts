import type { Topic } from '@vigil/contracts';
import { createValueDecoder, unresolvedIds } from '../codec/value-decoder.ts';
import { readWhole } from '../engine/read-whole.ts';
import { lastRecord } from '../lag/last-record.ts';
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

/** The last record of a partition, decoded; null = none stands there. */
export async function readLast({ client, registry }: StateWorld, topic: Topic, partition: number): Promise<object | null> {
  const [starts, ends] = await Promise.all([client.admin.startOffsets(topic.name), client.admin.stableOffsets(topic.name)]);
  const range = { topic: topic.name, partition, from: starts[partition] as number, end: ends[partition] as number };
  const value = (await lastRecord(client, range))?.value ?? null;
  if (value === null) return null;
  for (const id of unresolvedIds([value], registry)) await registry.schemaOf(id);
  return createValueDecoder(topic.schema, registry)(value) as object;
}
