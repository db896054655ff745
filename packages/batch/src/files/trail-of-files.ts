import type { Transaction } from '@vigil/postgres';
import type { TrailRange } from '../job/checkpoint-trail.ts';

/** Where the lines of a file went. */
export interface FileTrail {
  readonly source: string;
  readonly fileId: string;
  readonly trail: readonly TrailRange[];
}

const trailSql = `
  INSERT INTO orchestration.row_trail (source, file_id, first_line, last_line, topic, partition, first_offset, last_offset)
  SELECT * FROM unnest($1::text[], $2::uuid[], $3::bigint[], $4::bigint[], $5::text[], $6::integer[], $7::bigint[], $8::bigint[])
  ON CONFLICT DO NOTHING`;

/** Notes which lines stand where; told twice it is noted once. */
export async function noteTrails(database: Pick<Transaction, 'query'>, trails: readonly FileTrail[]): Promise<void> {
  const ranges = trails.flatMap(({ source, fileId, trail }) => trail.map((range) => ({ source, fileId, ...range })));
  await database.query(trailSql, [
    ranges.map(({ source }) => source),
    ranges.map(({ fileId }) => fileId),
    ranges.map(({ lines }) => lines[0] ?? 0),
    ranges.map(({ lines }) => lines.at(-1) ?? 0),
    ranges.map(({ topic }) => topic),
    ranges.map(({ partition }) => partition),
    ranges.map(({ firstOffset }) => firstOffset),
    ranges.map(({ firstOffset, lines }) => firstOffset + lines.length - 1),
  ]);
}
