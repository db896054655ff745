import { createPool, toDatabaseError } from '@vigil/postgres';
import type { Place } from '../trace/trace-steps.ts';
import type { TracedTable } from './traced-tables.ts';

export interface FileRow {
  readonly fileId: string;
  readonly source: string;
  readonly path: string;
  readonly revision: number;
  readonly state: string;
  readonly runId: string | null;
  readonly read: number | null;
  readonly ok: number | null;
  readonly rejected: number | null;
  readonly score: number | null;
}

/** Lines of a file that stand in a stretch of a topic; several files' stretches never overlap. */
export interface TrailRow {
  readonly fileId: string;
  readonly firstLine: number;
  readonly lastLine: number;
  readonly topic: string;
  readonly partition: number;
  readonly firstOffset: number;
  readonly lastOffset: number;
}

export interface RunRow {
  readonly runId: string;
  readonly workflow: string;
  readonly version: number;
  readonly status: string;
  readonly batchId: string;
}

export interface TaskRow {
  readonly task: string;
  readonly part: number;
  readonly state: string;
  readonly attempt: number;
}

export interface ScoreRow {
  readonly subject: string;
  readonly score: number;
  readonly drift: number;
  readonly held: boolean;
}

const fileColumns = `file_id AS "fileId", source, path, revision, state, run_id AS "runId", records_read AS read, records_ok AS ok,
  records_rejected AS rejected, score FROM orchestration.file`;
const trailColumns = `file_id AS "fileId", first_line AS "firstLine", last_line AS "lastLine", topic, partition,
  first_offset AS "firstOffset", last_offset AS "lastOffset" FROM orchestration.row_trail`;

/** What the orchestrator knows of files and runs. */
export function openLineageRows(url: string) {
  const pool = createPool({ url, applicationName: 'vigil-cli lineage', maxConnections: 1 });
  const ask = async <Row extends object>(sql: string, values: readonly unknown[]): Promise<readonly Row[]> => {
    try {
      return (await pool.query<Row>(sql, [...values])).rows;
    } catch (error) {
      throw toDatabaseError(error);
    }
  };
  return {
    file: async (fileId: string) => (await ask<FileRow>(`SELECT ${fileColumns} WHERE file_id = $1`, [fileId]))[0] ?? null,
    filesOfRun: (runId: string) => ask<FileRow>(`SELECT ${fileColumns} WHERE run_id = $1 ORDER BY source, path`, [runId]),
    trailOfFile: (fileId: string) =>
      ask<TrailRow>(`SELECT ${trailColumns} WHERE file_id = $1 ORDER BY first_line, topic, partition`, [fileId]),
    trailAt: async ({ topic, partition, offset }: Place) =>
      (
        await ask<TrailRow>(`SELECT ${trailColumns} WHERE topic = $1 AND partition = $2 AND $3 BETWEEN first_offset AND last_offset`, [
          topic,
          partition,
          offset,
        ])
      )[0] ?? null,
    run: async (runId: string) =>
      (
        await ask<RunRow>(
          'SELECT run_id AS "runId", workflow, version, status, batch_id AS "batchId" FROM orchestration.run WHERE run_id = $1',
          [runId],
        )
      )[0] ?? null,
    tasks: (runId: string) =>
      ask<TaskRow>('SELECT task, part, state, attempt FROM orchestration.task_run WHERE run_id = $1 ORDER BY queued_at, task, part', [
        runId,
      ]),
    scores: (runId: string) =>
      ask<ScoreRow>(
        `SELECT subject, score, drift, held FROM orchestration.quality_score WHERE run_id = $1 AND column_name = '' ORDER BY subject`,
        [runId],
      ),
    close: () => pool.end(),
  };
}
export type LineageRows = ReturnType<typeof openLineageRows>;

export interface FactRow extends Place {
  readonly id: string;
  readonly sourceId: string | null;
  readonly load: number;
}

/** Rows of the warehouse with their positions: needs the owner's rights. */
export function openFactRows(url: string) {
  const pool = createPool({ url, applicationName: 'vigil-cli lineage', maxConnections: 1 });
  const ask = async ({ table, idColumn, sourceColumn }: TracedTable, column: string, id: string): Promise<readonly FactRow[]> => {
    try {
      const { rows } = await pool.query<FactRow>(
        `SELECT ${idColumn} AS id, ${sourceColumn} AS "sourceId", src_topic AS topic, src_partition AS partition, src_offset AS "offset",
           load_id AS load FROM warehouse.${table} WHERE ${column} = $1::uuid ORDER BY load_id, src_offset LIMIT 100`,
        [id],
      );
      return rows;
    } catch (error) {
      throw toDatabaseError(error);
    }
  };
  return {
    byId: (of: TracedTable, id: string) => ask(of, of.idColumn, id),
    bySource: (of: TracedTable, id: string) => ask(of, of.sourceColumn, id),
    close: () => pool.end(),
  };
}
export type FactRows = ReturnType<typeof openFactRows>;
