import type { TopicPartition } from '@vigil/kafka';
import type { Transaction } from '@vigil/postgres';
import type pg from 'pg';
import type { RecordFilter } from '../../domain/schedules/matches-filter.ts';

/** A schedule that records of a topic trigger. */
export interface EventSchedule {
  readonly scheduleId: string;
  readonly topic: string;
  readonly filter: RecordFilter;
}

const schedulesSql = `
  SELECT s.schedule_id AS "scheduleId", s.spec->>'topic' AS topic, s.spec->'filter' AS filter
  FROM orchestration.schedule s JOIN orchestration.workflow w USING (workflow) WHERE s.kind = 'event' AND s.enabled AND w.enabled`;

/** Schedules that records trigger, as far as they are in force. */
export async function readEventSchedules(pool: pg.Pool): Promise<EventSchedule[]> {
  return (await pool.query<EventSchedule>(schedulesSql)).rows;
}

const beginSql = `
  INSERT INTO orchestration.trigger_position (schedule_id, topic, part, next_offset)
  SELECT s, t, p, o FROM unnest($1::text[], $2::text[], $3::int[], $4::bigint[]) AS n(s, t, p, o)
  WHERE EXISTS (SELECT FROM orchestration.schedule WHERE schedule_id = s)
  ON CONFLICT (schedule_id, topic, part) DO NOTHING`;

const positionsSql = `
  SELECT schedule_id AS "scheduleId", topic, part AS partition, next_offset AS "nextOffset" FROM orchestration.trigger_position
  WHERE schedule_id = ANY($1)`;

export interface TriggerPosition extends TopicPartition {
  readonly scheduleId: string;
  readonly nextOffset: number;
}

/** Positions of schedules; what has none begins at `ends`, which is kept. */
export async function beginPositions(
  pool: pg.Pool,
  schedules: readonly EventSchedule[],
  ends: ReadonlyMap<string, readonly number[]>,
): Promise<TriggerPosition[]> {
  const begun = schedules.flatMap(({ scheduleId, topic }) =>
    (ends.get(topic) ?? []).map((nextOffset, partition) => ({ scheduleId, topic, partition, nextOffset })),
  );
  await pool.query(beginSql, [
    begun.map(({ scheduleId }) => scheduleId),
    begun.map(({ topic }) => topic),
    begun.map(({ partition }) => partition),
    begun.map(({ nextOffset }) => nextOffset),
  ]);
  return (await pool.query<TriggerPosition>(positionsSql, [schedules.map(({ scheduleId }) => scheduleId)])).rows;
}

const advanceSql = `
  INSERT INTO orchestration.trigger_position AS p (schedule_id, topic, part, next_offset)
  SELECT schedule_id, $2, $3, $4 FROM orchestration.schedule WHERE schedule_id = ANY($1) AND enabled
  ON CONFLICT (schedule_id, topic, part) DO UPDATE
    SET next_offset = greatest(p.next_offset, excluded.next_offset), changed_at = clock_timestamp()`;

/** Moves the positions of all that read a partition; another process may be ahead. */
export async function advancePositions(
  transaction: Transaction,
  scheduleIds: readonly string[],
  { topic, partition, nextOffset }: TopicPartition & { readonly nextOffset: number },
): Promise<void> {
  await transaction.query(advanceSql, [scheduleIds, topic, partition, nextOffset]);
}
