import {
  compileReader,
  createLedgerBook,
  readWireId,
  topics,
  wireHeaderBytes,
  type AvroReader,
  type BatchProgressed,
  type StageTotals,
} from '@vigil/contracts';
import { isVigilError } from '@vigil/core';
import type { FetchedRecord, Fetcher, KafkaClient } from '../ports/kafka-client.ts';
import type { SchemaRegistry } from '../ports/schema-registry.ts';

/** Reads the ledger topic, going on where it stopped at each call. */
export interface LedgerReader {
  /** What stages reported up to this moment. */
  catchUp(): Promise<readonly StageTotals[]>;
  /** Records of the ledger topic that are no ledger rows. */
  unreadable(): number;
  /** Whether every row there ever was counts: none was deleted by retention, unreadable or forgotten. */
  isWhole(): boolean;
  close(): Promise<void>;
}

export interface LedgerSources {
  readonly client: KafkaClient;
  readonly registry: Pick<SchemaRegistry, 'schemaOf'>;
  /** Where to begin, per partition; without it at the beginning of what the topic still keeps. */
  readonly from?: readonly number[];
  /** Rows that are not wanted are passed over. */
  readonly wants?: (row: BatchProgressed) => boolean;
  /** Rows per place that are remembered; without it all of them. */
  readonly rememberRows?: number;
}

const { name: topic, schema } = topics.batchProgressed;

interface RowDecoder {
  /** The rows that can be read, by the schema each was written with. */
  decode(records: readonly FetchedRecord[]): Promise<BatchProgressed[]>;
  unreadable(): number;
}

/** What cannot be read is counted: one foreign record must not hide the account of all others. */
function createRowDecoder(registry: LedgerSources['registry']): RowDecoder {
  const readers = new Map<number, AvroReader<BatchProgressed> | null>();
  let unreadable = 0;

  const orNull = async <Value>(work: () => Value | Promise<Value>): Promise<Value | null> => {
    try {
      return await work();
    } catch (error) {
      if (isVigilError(error) && error.kind === 'poison') return null;
      throw error;
    }
  };
  const readerOf = async (id: number): Promise<AvroReader<BatchProgressed> | null> => {
    const known = readers.get(id);
    if (known !== undefined) return known;
    const reader = await orNull(async () => compileReader<BatchProgressed>(await registry.schemaOf(id), schema));
    readers.set(id, reader);
    return reader;
  };

  return {
    async decode(records) {
      const rows: BatchProgressed[] = [];
      for (const { value } of records) {
        const id = value && readWireId(value);
        const reader = id === null ? null : await readerOf(id);
        const row = reader && value && (await orNull(() => reader(value, wireHeaderBytes)));
        if (row) rows.push(row);
        else unreadable++;
      }
      return rows;
    },
    unreadable: () => unreadable,
  };
}

/** Only the partitions that have something to read are asked for. */
export async function openLedger({ client, registry, from = [], wants = () => true, rememberRows }: LedgerSources): Promise<LedgerReader> {
  const book = createLedgerBook(rememberRows);
  const rows = createRowDecoder(registry);
  const positions: number[] = [...from];
  let fetcher: Fetcher | undefined;
  let beganAtFirst = true;

  const assignBehind = async (to: Fetcher): Promise<Map<number, number>> => {
    const [described] = await client.admin.describeTopics([topic]);
    if (!described) return new Map();
    const [starts, ends] = await Promise.all([client.admin.startOffsets(topic), client.admin.stableOffsets(topic)]);
    const open = new Map<number, number>();
    for (const [partition, end] of ends.entries()) {
      if (positions[partition] === undefined && (starts[partition] ?? 0) > 0) beganAtFirst = false;
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
          for (const row of await rows.decode([...records])) if (wants(row)) book.enter(row);
          positions[partition] = nextOffset;
          if (nextOffset < end) continue;
          open.delete(partition);
          fetcher.unassign({ topic, partition });
        }
      }
      return book.totals();
    },
    unreadable: () => rows.unreadable(),
    isWhole: () => beganAtFirst && rows.unreadable() === 0 && !book.hasLostTrack(),
    close: async () => fetcher?.close(),
  };
}
