import { deleteBySource, factTables, rewindSink, trimLoads, type RewindOptions } from '@vigil/postgres';
import { rewindPatients } from './patient-dimension.ts';

/** The fact table of each topic; the way back of a topic leads to the same one. */
const factTableOf = (topic: string): string | undefined => factTables.find(([{ name }]) => topic.startsWith(name))?.[1];

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
      const table = factTableOf(from.topic);
      const gone = table ? await deleteBySource([table])(transaction, from) : await rewindPatients(transaction, from);
      await trimLoads(transaction, from, table);
      return gone;
    },
  });
