import { topics } from '@vigil/contracts';
import { deleteBySource, rewindSink, type RewindOptions, type RewoundPartition, type Transaction } from '@vigil/postgres';
import { rewindPatients } from './patient-dimension.ts';

/** The fact table of each topic; the way back of a topic leads to the same one. */
const factTables: readonly (readonly [topic: string, table: string])[] = [
  [topics.deidReadingAccepted.name, 'warehouse.fact_vital_reading'],
  [topics.deidWindowClosed.name, 'warehouse.fact_vital_window'],
  [topics.deidAlertRaised.name, 'warehouse.fact_alert'],
];

const factTableOf = (topic: string): string | undefined => factTables.find(([name]) => topic.startsWith(name))?.[1];

/** A load that began before the offset keeps what it loaded before it; one that began at it or later goes. */
async function trimLoads(transaction: Transaction, { topic, partition, toOffset }: RewoundPartition): Promise<void> {
  const place = [topic, partition, toOffset];
  const of = 'topic = $1 AND partition = $2';
  await transaction.query(`DELETE FROM warehouse.load WHERE ${of} AND first_offset >= $3`, place);
  const table = factTableOf(topic);
  const left = table
    ? `(SELECT count(*) FROM ${table} WHERE load_id = l.load_id AND src_offset >= l.first_offset AND src_offset < $3)`
    : 'LEAST(rows, $3 - first_offset)';
  await transaction.query(`UPDATE warehouse.load l SET next_offset = $3, rows = ${left} WHERE ${of} AND next_offset > $3`, place);
}

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
      await trimLoads(transaction, from);
      return gone;
    },
  });
