import { deleteBySource, factTables, rewindSink, trimLoads, type RewindOptions } from '@vigil/postgres';
import { rewindPatients } from './patient-dimension.ts';

/** The fact tables of each topic, the one with a row per record first; the way back of a topic leads to the same ones. */
const factTablesOf = (topic: string): readonly string[] =>
  factTables.flatMap(([{ name }, ...tables]) => (topic.startsWith(name) ? tables : []));

/**
 * Takes the warehouse back to an offset of one topic partition; the running loader is fenced and loads again from there.
 * Needs the owner's connection: the loader itself may not delete.
 *
 * @returns the number of rows that were deleted or taken back
 */
export const rewindWarehouse = (options: Omit<RewindOptions, 'sink' | 'deleteRows'>): Promise<number> =>
  rewindSink({
    ...options,
    sink: 'warehouse-loader.warehouse',
    async deleteRows(transaction, from) {
      const tables = factTablesOf(from.topic);
      const gone = tables.length > 0 ? await deleteBySource(tables)(transaction, from) : await rewindPatients(transaction, from);
      await trimLoads(transaction, from, tables[0]);
      return gone;
    },
  });
