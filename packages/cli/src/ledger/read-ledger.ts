import { compileReader, requireWireId, topics, wireHeaderBytes, type AvroReader, type BatchProgressed } from '@vigil/contracts';
import type { FetchedRecord, Fetcher, KafkaClient, SchemaRegistry } from '@vigil/kafka';
import { createLedgerBook, type StageTotals } from './ledger-book.ts';

/** Reads the ledger topic, going on where it stopped at each call. */
export interface LedgerReader {
  /** What stages reported up to this moment. */
  catchUp(): Promise<readonly StageTotals[]>;
  close(): Promise<void>;
}

export interface LedgerSources {
  readonly client: KafkaClient;
  readonly registry: Pick<SchemaRegistry, 'schemaOf'>;
}

const { name: topic, schema } = topics.batchProgressed;

/** Rows of every writer that there was, by the schema each was written with. */
function createRowDecoder(registry: LedgerSources['registry']) {
  const readers = new Map<number, AvroReader<BatchProgressed>>();
  return async (records: readonly FetchedRecord[]): Promise<BatchProgressed[]> => {
    const values = records.flatMap(({ value }) => (value === null ? [] : [value]));
    for (const id of new Set(values.map(requireWireId))) {
      if (!readers.has(id)) readers.set(id, compileReader<BatchProgressed>(await registry.schemaOf(id), schema));
    }
    return values.flatMap((value) => readers.get(requireWireId(value))?.(value, wireHeaderBytes) ?? []);
  };
}

/** Only the partitions that have something to read are asked for. */
export async function openLedger({ client, registry }: LedgerSources): Promise<LedgerReader> {
  const book = createLedgerBook();
  const decode = createRowDecoder(registry);
  const positions: number[] = [];
  let fetcher: Fetcher | undefined;

  const assignBehind = async (to: Fetcher): Promise<Map<number, number>> => {
    const [described] = await client.admin.describeTopics([topic]);
    if (!described) return new Map();
    const [starts, ends] = await Promise.all([client.admin.startOffsets(topic), client.admin.stableOffsets(topic)]);
    const open = new Map<number, number>();
    for (const [partition, end] of ends.entries()) {
      positions[partition] ??= starts[partition] ?? 0;
      if (positions[partition] >= end) continue;
      to.assign({ topic, partition }, positions[partition]);
      open.set(partition, end);
    }
    return open;
  };

  return {
    async catchUp() {
      fetcher ??= await client.openFetcher();
      const open = await assignBehind(fetcher);
      while (open.size > 0) {
        for (const { partition, records, nextOffset } of await fetcher.poll(500)) {
          const end = open.get(partition);
          if (end === undefined) continue;
          for (const row of await decode(records)) book.enter(row);
          positions[partition] = nextOffset;
          if (nextOffset < end) continue;
          open.delete(partition);
          fetcher.unassign({ topic, partition });
        }
      }
      return book.totals();
    },
    close: async () => fetcher?.close(),
  };
}
