import type { FetchedBatch, FetchedRecord, FetchedRecords, Fetcher, TopicPartition } from '../ports/kafka-client.ts';
import { unresolvedIdsIn } from '../codec/value-decoder.ts';
import { readWhole } from './read-whole.ts';
import type { StageDependencies } from './stage.ts';
import type { PlannedTable, TopologyPlan } from './topology-plan.ts';

/** The broadcast tables of a stage: read whole before it starts, then kept up to date between batches. */
export interface StageTables {
  readonly views: Readonly<Record<string, ReadonlyMap<string, unknown>>>;
  /** Positions in force by `topic-partition`, for the ledger. */
  positions(): Readonly<Record<string, number>>;
  /** Whether a batch belongs to a table. */
  owns(topic: string): boolean;
  apply(batch: FetchedBatch): Promise<void>;
}

interface OpenTable {
  readonly planned: PlannedTable;
  readonly rows: Map<string, unknown>;
}

const placeName = ({ topic, partition }: TopicPartition): string => `${topic}-${partition}`;

export async function openStageTables(
  plan: TopologyPlan,
  world: Pick<StageDependencies, 'client' | 'registry'>,
  fetcher: Fetcher,
  pollMs: number,
): Promise<StageTables> {
  const tables = new Map(plan.tables.map((planned): [string, OpenTable] => [planned.topic, { planned, rows: new Map() }]));
  const positions: Record<string, number> = {};
  const put = ({ planned, rows }: OpenTable, { key, value }: FetchedRecord): void => {
    const name = key?.toString('utf8') ?? '';
    if (value === null) rows.delete(name);
    else rows.set(name, planned.decode(value));
  };
  const putAll = async (table: OpenTable, records: FetchedRecords): Promise<void> => {
    for (const id of unresolvedIdsIn(records, world.registry)) await world.registry.schemaOf(id);
    for (const record of records) put(table, record);
  };

  const loaded = new Map([...tables.keys()].map((topic): [string, FetchedRecord[]] => [topic, []]));
  const places = plan.tables.flatMap(({ topic, partitions }) =>
    Array.from({ length: partitions }, (_, partition) => ({ topic, partition })),
  );
  const reached = await readWhole({
    client: world.client,
    places,
    pollMs,
    onRecord({ topic }, record) {
      loaded.get(topic)?.push(record);
    },
  });
  for (const [topic, table] of tables) await putAll(table, loaded.get(topic) as FetchedRecord[]);
  for (const place of reached) {
    positions[placeName(place)] = place.position;
    fetcher.assign(place, place.position);
  }

  return {
    views: Object.fromEntries([...tables.values()].map(({ planned, rows }) => [planned.name, rows])),
    positions: () => ({ ...positions }),
    owns: (topic) => tables.has(topic),
    async apply(batch) {
      const table = tables.get(batch.topic) as OpenTable;
      const position = positions[placeName(batch)] as number;
      if (batch.position !== position) return;
      await putAll(table, batch.records).catch((error: unknown) => {
        fetcher.assign(batch, position);
        throw error;
      });
      positions[placeName(batch)] = batch.nextOffset;
    },
  };
}
