import type { FetchedRecords, KafkaClient, KeyedPlace, ProducedRecord } from '../ports/kafka-client.ts';
import type { SchemaRegistry } from '../ports/schema-registry.ts';
import type { RowDecoder, StateStore } from '../topology/state-store.ts';
import { locateKeyed, newKeyedPlace } from '../codec/record-place.ts';
import { unresolvedIdsIn } from '../codec/value-decoder.ts';
import { readBatches } from './read-whole.ts';
import type { PlannedStore, TopologyPlan } from './topology-plan.ts';

/** The stores of one task. */
export interface TaskStores {
  /** By name, for handlers. */
  readonly views: Readonly<Record<string, unknown>>;
  /** What the open batch changed, as changelog records. @throws when a value does not fit its schema */
  changelogRecords(): readonly ProducedRecord[];
  hasChanges(): boolean;
  /** Keys that the open batch changed so far. */
  changeCount(): number;
  /** Bytes of their rows, roughly. */
  changedBytes(): number;
  merge(): void;
  rollback(): void;
  /** Builds the state anew from the changelogs; returns how many records that took. */
  restore(world: { readonly client: KafkaClient; readonly registry: SchemaRegistry; readonly pollMs: number }): Promise<number>;
}

interface OpenStore {
  readonly planned: PlannedStore;
  readonly store: StateStore<unknown>;
}

async function resolveAll(records: FetchedRecords, registry: SchemaRegistry): Promise<void> {
  for (const id of unresolvedIdsIn(records, registry)) await registry.schemaOf(id);
}

const place = newKeyedPlace();

/** Whether the store took the row as it lies. What is none of its schema is refused now, and not when it is needed. */
function isKept({ store, planned: { passOver } }: OpenStore, row: KeyedPlace): boolean {
  if (store.keep === undefined || row.keyFrom < 0) return false;
  if (row.from >= 0) passOver(row.bytes, row.from, row.to);
  return store.keep(row);
}

/** As the changelog tells it, in its order: nothing is kept of a record but what the store makes of it. */
function restoreRecords(open: OpenStore, records: FetchedRecords): void {
  const { store, planned } = open;
  for (let index = 0; index < records.length; index++) {
    locateKeyed(records, index, place);
    if (isKept(open, place)) continue;
    const { bytes, keyFrom, keyTo, from, to } = place;
    store.restore(keyFrom < 0 ? '' : bytes.toString('utf8', keyFrom, keyTo), from < 0 ? null : (planned.decode(bytes, from, to) as object));
  }
}

export function openTaskStores(plan: TopologyPlan, partition: number): TaskStores {
  const stores = plan.stores.map((planned): OpenStore => ({ planned, store: planned.spec.open(planned.decode as RowDecoder) }));
  const byChangelog = new Map(stores.map((open) => [open.planned.changelog, open]));
  return {
    views: Object.fromEntries(stores.map(({ planned, store }) => [planned.name, store.view])),
    changelogRecords: () =>
      stores.flatMap(({ planned: { encodeChange }, store }) => store.changes().map((change) => encodeChange(partition, change))),
    hasChanges: () => stores.some(({ store }) => store.changes().length > 0),
    changeCount() {
      let count = 0;
      for (const { store } of stores) count += store.changeCount();
      return count;
    },
    changedBytes() {
      let bytes = 0;
      for (const { store } of stores) bytes += store.changedBytes();
      return bytes;
    },
    merge: () => stores.forEach(({ store }) => store.merge()),
    rollback: () => stores.forEach(({ store }) => store.rollback()),
    async restore({ client, registry, pollMs }) {
      stores.forEach(({ store }) => store.clear());
      let records = 0;
      await readBatches({
        client,
        places: [...byChangelog.keys()].map((topic) => ({ topic, partition })),
        pollMs,
        prepare: (fetched) => resolveAll(fetched, registry),
        onRecords({ topic }, fetched) {
          records += fetched.length;
          restoreRecords(byChangelog.get(topic) as OpenStore, fetched);
        },
      });
      return records;
    },
  };
}
