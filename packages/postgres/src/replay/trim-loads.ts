import type { RewoundPartition } from '../rewind-sink.ts';
import type { Transaction } from '../transaction.ts';

/**
 * A load that began before the offset keeps what it loaded before it; one that began at it or later goes.
 *
 * @param table  that of the topic's facts; without one, rows are counted by offsets
 */
export async function trimLoads(transaction: Transaction, { topic, partition, toOffset }: RewoundPartition, table?: string): Promise<void> {
  const place = [topic, partition, toOffset];
  const of = 'topic = $1 AND partition = $2';
  await transaction.query(`DELETE FROM warehouse.load WHERE ${of} AND first_offset >= $3`, place);
  const left = table
    ? `(SELECT count(*) FROM ${table} WHERE load_id = l.load_id AND src_offset >= l.first_offset AND src_offset < $3)`
    : 'LEAST(rows, $3 - first_offset)';
  await transaction.query(`UPDATE warehouse.load l SET next_offset = $3, rows = ${left} WHERE ${of} AND next_offset > $3`, place);
}
