import type { KafkaClient, ProducedRecord, RecordHeaders } from '../ports/kafka-client.ts';
import type { SchemaRegistry } from '../ports/schema-registry.ts';
import type { StateStore } from '../topology/state-store.ts';
import { unresolvedIds } from '../codec/value-decoder.ts';
import { readWhole } from './read-whole.ts';
import type { PlannedStore, TopologyPlan } from './topology-plan.ts';

/** The stores of one task. */
export interface TaskStores {
  /** By name, for handlers. */
  readonly views: Readonly<Record<string, unknown>>;
  /** What the open batch changed, as changelog records. @throws when a value does not fit its schema */
  changelogRecords(): readonly ProducedRecord[];
  hasChanges(): boolean;
  merge(): void;
  rollback(): void;
  /** Builds the state anew from the changelogs; returns how many records that took. */
  restore(world: { readonly client: KafkaClient; readonly registry: SchemaRegistry; readonly pollMs: number }): Promise<number>;
}

const noHeaders: RecordHeaders = Object.freeze([]);

interface OpenStore {
  readonly planned: PlannedStore;
  readonly store: StateStore<unknown>;
}

interface StoredRecord {
  readonly store: OpenStore;
  readonly key: Buffer | null;
  readonly value: Buffer | null;
}

async function resolveAll(records: readonly StoredRecord[], registry: SchemaRegistry): Promise<void> {
  for (const id of unresolvedIds(
    records.map(({ value }) => value),
    registry,
  ))
    await registry.schemaOf(id);
}

export function openTaskStores(plan: TopologyPlan, partition: number): TaskStores {
  const stores = plan.stores.map((planned): OpenStore => ({ planned, store: planned.spec.open() }));
  const byChangelog = new Map(stores.map((open) => [open.planned.changelog, open]));
  return {
    views: Object.fromEntries(stores.map(({ planned, store }) => [planned.name, store.view])),
    changelogRecords: () =>
      stores.flatMap(({ planned: { changelog, encode }, store }) =>
        store.changes().map(({ key, value }) => ({
          topic: changelog,
          partition,
          key: Buffer.from(key, 'utf8'),
          value: value === null ? null : encode(value),
          headers: noHeaders,
          timestamp: null,
        })),
      ),
    hasChanges: () => stores.some(({ store }) => store.changes().length > 0),
    merge: () => stores.forEach(({ store }) => store.merge()),
    rollback: () => stores.forEach(({ store }) => store.rollback()),
    async restore({ client, registry, pollMs }) {
      stores.forEach(({ store }) => store.clear());
      const latest = new Map<string, StoredRecord>();
      let records = 0;
      await readWhole({
        client,
        places: [...byChangelog.keys()].map((topic) => ({ topic, partition })),
        pollMs,
        onRecord({ topic }, { key, value }) {
          const store = byChangelog.get(topic) as OpenStore;
          records++;
          const name = `${topic}/${key?.toString('utf8')}`;
          latest.delete(name);
          latest.set(name, { store, key, value });
        },
      });
      await resolveAll([...latest.values()], registry);
      for (const { store, key, value } of latest.values()) {
        store.store.restore(key?.toString('utf8') ?? '', value === null ? null : (store.planned.decode(value) as object));
      }
      return records;
    },
  };
}
