import type { FetchedBatch, FetchedRecord, FetchedRecords, Fetcher, TopicPartition } from '../ports/kafka-client.ts';
import { unresolvedIdsIn } from '../codec/value-decoder.ts';
import type { TableIndex } from '../topology/topology.ts';
import { readWhole } from './read-whole.ts';
import type { StageDependencies } from './stage.ts';
import type { PlannedTable, TopologyPlan } from './topology-plan.ts';

/** The broadcast tables of a stage: read whole before it starts, then kept up to date between batches. */
export interface StageTables {
  readonly views: Readonly<Record<string, unknown>>;
  /** Positions in force by `topic-partition`, for the ledger: the very same object until a table changes. */
  positions(): Readonly<Record<string, number>>;
  /** Whether a batch belongs to a table. */
  owns(topic: string): boolean;
  apply(batch: FetchedBatch): Promise<void>;
}

interface OpenTable {
  readonly planned: PlannedTable;
  readonly index: TableIndex<unknown>;
}

const placeName = ({ topic, partition }: TopicPartition): string => `${topic}-${partition}`;

export async function openStageTables(
  plan: TopologyPlan,
  world: Pick<StageDependencies, 'client' | 'registry'>,
  fetcher: Fetcher,
  pollMs: number,
): Promise<StageTables> {
  const tables = new Map(plan.tables.map((planned): [string, OpenTable] => [planned.topic, { planned, index: planned.open() }]));
  let positions: Readonly<Record<string, number>> = {};
  const put = ({ planned, index }: OpenTable, { key, value }: FetchedRecord): void =>
    index.put(key?.toString('utf8') ?? '', value === null ? null : planned.decode(value));
  const resolveSchemas = async (records: FetchedRecords): Promise<void> => {
    for (const id of unresolvedIdsIn(records, world.registry)) await world.registry.schemaOf(id);
  };
  /** Rows and position change in one step: nobody may decide by the one and commit the other. */
  const putAll = (table: OpenTable, { records, nextOffset, ...place }: FetchedBatch): void => {
    for (const record of records) put(table, record);
    positions = { ...positions, [placeName(place)]: nextOffset };
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
  for (const [topic, table] of tables) {
    const records = loaded.get(topic) as FetchedRecord[];
    await resolveSchemas(records);
    for (const record of records) put(table, record);
  }
  positions = Object.fromEntries(reached.map((place) => [placeName(place), place.position]));
  for (const place of reached) fetcher.assign(place, place.position);

  return {
    views: Object.fromEntries([...tables.values()].map(({ planned, index }) => [planned.name, index.view])),
    positions: () => positions,
    owns: (topic) => tables.has(topic),
    async apply(batch) {
      const table = tables.get(batch.topic) as OpenTable;
      const position = positions[placeName(batch)] as number;
      if (batch.position !== position || batch.nextOffset === position) return;
      try {
        await resolveSchemas(batch.records);
        putAll(table, batch);
      } catch (error) {
        fetcher.assign(batch, position);
        throw error;
      }
    },
  };
}
