import { toDatabaseError } from './database-error.ts';
import { createPool } from './pool.ts';

/** A dead-letter topic, as requests name it: one that was made anew has another id. */
export interface QuarantineQueue {
  readonly topic: string;
  readonly topicId: string;
}

/** Which quarantined records were sent back or discarded. */
export interface SettledEntries {
  /** Offsets at or after `from`, per partition. @throws VigilError DATABASE_AWAY, DATABASE_NOT_MIGRATED */
  read(queue: QuarantineQueue, from: readonly number[]): Promise<ReadonlyMap<number, ReadonlySet<number>>>;
  close(): Promise<void>;
}

const settledSql = `SELECT e.part, e.src_offset FROM operations.dlq_entry e
  JOIN unnest($3::bigint[]) WITH ORDINALITY AS start (at, number) ON e.part = start.number - 1 AND e.src_offset >= start.at
  WHERE e.topic = $1 AND e.topic_id = $2 AND e.state <> 'claimed'`;

export function openSettledEntries(url: string, applicationName: string): SettledEntries {
  const pool = createPool({ url, applicationName, maxConnections: 1 });
  return {
    async read({ topic, topicId }, from) {
      try {
        const { rows } = await pool.query<{ part: number; src_offset: number }>(settledSql, [topic, topicId, [...from]]);
        const byPartition = Map.groupBy(rows, ({ part }) => part);
        return new Map([...byPartition].map(([part, own]) => [part, new Set(own.map(({ src_offset }) => src_offset))]));
      } catch (error) {
        throw toDatabaseError(error);
      }
    },
    close: () => pool.end(),
  };
}
