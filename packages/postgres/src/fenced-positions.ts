import { VigilError } from '@vigil/core';
import type { PositionRequest, SinkLease, TopicPartition } from '@vigil/kafka';
import type { Pool } from 'pg';
import { toDatabaseError } from './database-error.ts';
import type { Transaction } from './transaction.ts';

/** A position to store, with the proof that the right to store it is still ours. */
export interface PositionAdvance extends TopicPartition {
  readonly epoch: number;
  readonly startOffset: number;
  readonly nextOffset: number;
}

const nameOf = ({ topic, partition }: TopicPartition): string => `${topic}-${partition}`;

/** One order for everybody, so that two owners of several partitions cannot wait for each other in a circle. */
const inOrder = <Place extends TopicPartition>(places: readonly Place[]): Place[] =>
  [...places].sort((a, b) => (nameOf(a) < nameOf(b) ? -1 : 1));

/** Raises the epoch of a partition, creating it where it is new. No row = the stored topic id is another. */
const acquireSql = `
  INSERT INTO engine.sink_offset AS o (sink, topic, part, topic_id, epoch, next_offset)
  VALUES ($1, $2, $3, $4, 1, $5)
  ON CONFLICT (sink, topic, part) DO UPDATE SET epoch = o.epoch + 1, updated_at = now() WHERE o.topic_id = EXCLUDED.topic_id
  RETURNING epoch, next_offset`;

/**
 * Takes partitions over: whoever held them before can no longer write. Waits for a transaction of the predecessor
 * that is under way, at most for the lock time-out.
 *
 * @returns leases in the order of `requests`
 * @throws VigilError TOPIC_RECREATED where a position belongs to another topic of the same name: refuse and page
 */
export async function acquirePositions(
  transaction: Transaction,
  sink: string,
  requests: readonly PositionRequest[],
): Promise<readonly SinkLease[]> {
  const leases = new Map<string, SinkLease>();
  for (const request of inOrder(requests)) {
    const { topic, partition, topicId, startOffset } = request;
    const { rows } = await transaction.query<{ epoch: number; next_offset: number }>(acquireSql, [
      sink,
      topic,
      partition,
      topicId ?? '',
      startOffset,
    ]);
    const [row] = rows;
    if (!row) throw new VigilError('TOPIC_RECREATED', { detail: `Sink ${sink}, ${nameOf(request)}.` });
    leases.set(nameOf(request), { topic, partition, epoch: row.epoch, nextOffset: row.next_offset });
  }
  return requests.map((request) => leases.get(nameOf(request)) as SinkLease);
}

const advanceSql = `
  UPDATE engine.sink_offset SET next_offset = $6, updated_at = now()
  WHERE sink = $1 AND topic = $2 AND part = $3 AND epoch = $4 AND next_offset = $5`;

/**
 * Stores new positions and thereby locks them until the transaction ends: call it before the first row is written.
 *
 * @throws VigilError FENCED where the epoch or the position is not the one we left: nothing may be written
 */
export async function advancePositions(transaction: Transaction, sink: string, advances: readonly PositionAdvance[]): Promise<void> {
  for (const advance of inOrder(advances)) {
    const { topic, partition, epoch, startOffset, nextOffset } = advance;
    const { rowCount } = await transaction.query(advanceSql, [sink, topic, partition, epoch, startOffset, nextOffset]);
    if (rowCount !== 1) throw new VigilError('FENCED', { detail: `Sink ${sink}, ${nameOf(advance)}.` });
  }
}

const holdsSql = `
  SELECT count(*) AS held FROM engine.sink_offset o
  JOIN unnest($2::text[], $3::int[], $4::bigint[], $5::bigint[]) AS l (topic, part, epoch, next_offset) USING (topic, part, epoch, next_offset)
  WHERE o.sink = $1`;

/** Whether all of these partitions still have the epoch and the position that their owner knows. */
export async function holdsPositions(pool: Pool, sink: string, held: readonly SinkLease[]): Promise<boolean> {
  try {
    const { rows } = await pool.query<{ held: number }>(holdsSql, [
      sink,
      held.map(({ topic }) => topic),
      held.map(({ partition }) => partition),
      held.map(({ epoch }) => epoch),
      held.map(({ nextOffset }) => nextOffset),
    ]);
    return rows[0]?.held === held.length;
  } catch (error) {
    throw toDatabaseError(error);
  }
}

/** The stored position of one partition of one sink. */
export interface StoredPosition extends TopicPartition {
  readonly sink: string;
  readonly nextOffset: number;
  readonly epoch: number;
}

/** Every position of `database` (of one sink, where one is named), for lag tools and for commands. */
export async function readPositions(database: Pool | Transaction, sink?: string): Promise<readonly StoredPosition[]> {
  const { rows } = await database.query<StoredPosition>(
    `SELECT sink, topic, part AS partition, next_offset AS "nextOffset", epoch FROM engine.sink_offset
     WHERE $1::text IS NULL OR sink = $1 ORDER BY sink, topic, part`,
    [sink ?? null],
  );
  return rows;
}
