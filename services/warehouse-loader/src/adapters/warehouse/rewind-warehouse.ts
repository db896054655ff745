import { topics } from '@vigil/contracts';
import { deleteBySource, rewindSink, type RewindOptions } from '@vigil/postgres';
import { rewindPatients } from './patient-dimension.ts';

const deleteFacts = deleteBySource(['warehouse.fact_vital_reading', 'warehouse.fact_vital_window', 'warehouse.fact_alert']);

/** A load that began before the offset keeps what it loaded before it; one that began after it goes. */
const trimLoads: RewindOptions['deleteRows'] = async (transaction, { topic, partition, toOffset }) => {
  const place = [topic, partition, toOffset];
  const { rowCount } = await transaction.query(
    'DELETE FROM warehouse.load WHERE topic = $1 AND partition = $2 AND first_offset >= $3',
    place,
  );
  await transaction.query('UPDATE warehouse.load SET next_offset = $3 WHERE topic = $1 AND partition = $2 AND next_offset > $3', place);
  return rowCount ?? 0;
};

/**
 * Takes the warehouse back to an offset of one topic partition; the running loader is fenced and loads again from there.
 * Needs the owner's connection: the loader itself may not delete.
 *
 * @returns the number of deleted rows
 */
export const rewindWarehouse = (options: Omit<RewindOptions, 'sink' | 'deleteRows'>): Promise<number> =>
  rewindSink({
    ...options,
    sink: 'warehouse-loader.warehouse',
    async deleteRows(transaction, from) {
      await trimLoads(transaction, from);
      if (from.topic.startsWith(topics.deidPatientChanged.name)) return rewindPatients(transaction, from);
      return deleteFacts(transaction, from);
    },
  });
