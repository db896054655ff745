import { createMasks, eventIdOf, toUuid, type NamedKey } from '@vigil/core';
import { createValueDecoder, readStretch, schemaIdOf, type KafkaClient, type SchemaRegistry } from '@vigil/kafka';
import type { Place } from '../trace/trace-steps.ts';
import type { TracedTable } from './traced-tables.ts';

/** A record of a source topic, with what it says of its file where it says anything. */
export interface SourceRecord {
  readonly place: Place;
  /** The keyed id in the form in which the warehouse has it. */
  readonly rowId: string;
  /** Empty where the record does not tell. */
  readonly fileId: string;
  readonly line: number;
}

/** Records that are held at once. */
const windowOffsets = 5_000;

interface Stretch {
  readonly partition: number;
  readonly from: number;
  readonly end: number;
}

type Fields = Readonly<Record<string, unknown>>;

const textOf = (value: unknown): string => (typeof value === 'string' ? value : '');

export interface SourceRecords {
  /** The records behind a row of the warehouse; for whoever has the key of its dataset, nobody else can. */
  /** @param partition  of the row: looked at first */
  behind(of: TracedTable, rowId: string, partition: number): Promise<readonly SourceRecord[]>;
  /** The records of a line of a file within a stretch. */
  ofLine(
    of: TracedTable,
    stretch: { readonly partition: number; readonly firstOffset: number; readonly lastOffset: number },
    line: { readonly fileId: string; readonly line: number },
  ): Promise<readonly SourceRecord[]>;
}

/** @param keys  the dataset key, and the one before it while it is being rotated */
export function openSourceRecords(
  { client, registry }: { readonly client: KafkaClient; readonly registry: SchemaRegistry },
  keys: readonly NamedKey[],
): SourceRecords {
  const masks = keys.map((key) => createMasks(key, 'safe-harbor'));
  const rowIdsOf = (id: string): readonly string[] => masks.map(({ idOf }) => toUuid(idOf(id)));

  /** One window at a time, so that a partition of any length fits. */
  const readWindow = async (of: TracedTable, stretch: Stretch): Promise<readonly SourceRecord[]> => {
    const copies: { readonly offset: number; readonly bytes: Buffer }[] = [];
    await readStretch(client, { topic: of.source.name, ...stretch }, ({ offset, value }) => {
      if (value) copies.push({ offset, bytes: Buffer.from(value) });
    });
    for (const id of new Set(copies.map(({ bytes }) => schemaIdOf(bytes)))) if (id !== null) await registry.schemaOf(id);
    const decode = createValueDecoder(of.source.schema, registry);
    return copies.flatMap(({ offset, bytes }) => {
      const fields = decode(bytes) as Fields;
      const place = { topic: of.source.name, partition: stretch.partition, offset };
      const told = { place, fileId: textOf(fields['fileId']), line: Number(fields['line'] ?? 0) };
      return rowIdsOf(textOf(fields[of.field as string])).map((rowId) => ({ ...told, rowId }));
    });
  };

  const read = async (
    of: TracedTable,
    { partition, from, end }: Stretch,
    isWanted: (record: SourceRecord) => boolean,
  ): Promise<readonly SourceRecord[]> => {
    const found: SourceRecord[] = [];
    for (let start = from; start < end; start += windowOffsets) {
      const records = await readWindow(of, { partition, from: start, end: Math.min(end, start + windowOffsets) });
      found.push(...records.filter(isWanted));
    }
    return found;
  };

  /** Ids of events follow from their places: nothing has to be read. */
  const byPlace = (
    of: TracedTable,
    stretch: { readonly partition: number; readonly from: number; readonly end: number },
    wanted: string | null,
  ) => {
    const records: SourceRecord[] = [];
    for (let offset = stretch.from; offset < stretch.end; offset++) {
      const place = { topic: of.source.name, partition: stretch.partition, offset };
      for (const rowId of rowIdsOf(eventIdOf(place)))
        if (wanted === null || rowId === wanted) records.push({ place, rowId, fileId: '', line: 0 });
    }
    return records;
  };

  return {
    async behind(of, rowId, partition) {
      const { name } = of.source;
      const [starts, ends] = await Promise.all([client.admin.startOffsets(name), client.admin.stableOffsets(name)]);
      // Where the key is the patient, de-identification keeps the partition; a requeued record may have come from another.
      const partitions = [...ends.keys()].sort((left, right) => Number(right === partition) - Number(left === partition));
      for (const candidate of partitions) {
        const stretch = { partition: candidate, from: starts[candidate] ?? 0, end: ends[candidate] ?? 0 };
        const found = of.field === null ? byPlace(of, stretch, rowId) : await read(of, stretch, (record) => record.rowId === rowId);
        if (found.length > 0) return found;
      }
      return [];
    },
    async ofLine(of, { partition, firstOffset, lastOffset }, { fileId, line }) {
      const stretch = { partition, from: firstOffset, end: lastOffset + 1 };
      if (of.field === null) return byPlace(of, stretch, null);
      return read(of, stretch, (record) => record.fileId === fileId && record.line === line);
    },
  };
}
