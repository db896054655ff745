import { VigilError } from '@vigil/core';
import type { TopicPartition } from '@vigil/kafka';
import type { Pool } from 'pg';
import { inTransaction, type Transaction } from './transaction.ts';

export interface RewindOptions extends TopicPartition {
  readonly pool: Pool;
  readonly sink: string;
  /** The first offset that is read again. */
  readonly toOffset: number;
  /** Deletes what came from this offset on; returns the number of rows. */
  readonly deleteRows: (transaction: Transaction, from: RewoundPartition) => Promise<number>;
}

export interface RewoundPartition extends TopicPartition {
  readonly toOffset: number;
}

/**
 * Takes a sink back to an earlier offset: deletes the rows that came from there on and moves the position, in one
 * transaction. The position lives in the database: resetting the Kafka group would do nothing. A running sink is fenced
 * by the raised epoch, acquires again and loads from the new position.
 *
 * @returns the number of deleted rows
 * @throws VigilError BAD_USAGE where the sink has no position there or has not read as far
 */
export async function rewindSink({ pool, sink, topic, partition, toOffset, deleteRows }: RewindOptions): Promise<number> {
  return inTransaction(pool, async (transaction) => {
    const { rowCount } = await transaction.query(
      `UPDATE engine.sink_offset SET epoch = epoch + 1, next_offset = $4, updated_at = now()
       WHERE sink = $1 AND topic = $2 AND part = $3 AND next_offset >= $4`,
      [sink, topic, partition, toOffset],
    );
    if (rowCount !== 1) {
      throw new VigilError('BAD_USAGE', {
        detail: `Sink ${sink} has no position at or after offset ${toOffset} of ${topic}-${partition}.`,
      });
    }
    return deleteRows(transaction, { topic, partition, toOffset });
  });
}

/** A rewind for tables that carry `src_topic, src_partition, src_offset`. Names are constants of the code. */
export const deleteBySource =
  (tables: readonly string[]): RewindOptions['deleteRows'] =>
  async (transaction, { topic, partition, toOffset }) => {
    let deleted = 0;
    for (const table of tables) {
      const { rowCount } = await transaction.query(
        `DELETE FROM ${table} WHERE src_topic = $1 AND src_partition = $2 AND src_offset >= $3`,
        [topic, partition, toOffset],
      );
      deleted += rowCount as number;
    }
    return deleted;
  };
