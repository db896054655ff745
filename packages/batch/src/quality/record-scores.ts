import { topics, type ScoreRecorded } from '@vigil/contracts';
import { toDatabaseError } from '@vigil/postgres';
import type { Pool } from 'pg';
import { driftOf, shortfallsOf, type QualityLimits, type Score } from './quality-score.ts';

/** What is judged: `file:<file id>`, `table:<source>.<table>`, `stream:<topic>`. */
export interface ScoredSubject {
  readonly subject: string;
  /** What the history is of. */
  readonly source: string;
  /** Start of the hour of a stream, else empty. */
  readonly period: string;
  /** Null for a stream. */
  readonly runId: string | null;
  /** What falls below them is marked as held for a person. */
  readonly limits?: QualityLimits | null;
}

/** Sends a record to `quality.score.recorded.v1`; resolves with Kafka's acknowledgement. */
export type PublishScores = (
  records: readonly { readonly topic: typeof topics.scoreRecorded; readonly key: string; readonly value: ScoreRecorded }[],
) => Promise<void>;

/** How many earlier scores drift is told from. */
const historyLength = 30;

const scoreColumns = ['column', 'records', 'completeness', 'validity', 'uniqueness', 'consistency', 'timeliness', 'score', 'drift', 'held'] as const; // prettier-ignore

// By the index, so that a file costs the same however many its source has had.
const historySql = `
  SELECT judged.column_name AS column, recent.score FROM unnest($4::text[]) AS judged(column_name)
  CROSS JOIN LATERAL (
    SELECT score FROM orchestration.quality_score
    WHERE source = $1 AND column_name = judged.column_name AND NOT (subject = $2 AND period = $3)
    ORDER BY recorded_at DESC LIMIT ${historyLength}) AS recent`;

const insertSql = `
  INSERT INTO orchestration.quality_score
    (subject, column_name, source, period, records, completeness, validity, uniqueness, consistency, timeliness, score, drift, held, run_id)
  SELECT $1, c, $2, $3, r, co, va, un, cn, ti, sc, dr, he, $4
  FROM unnest($5::text[], $6::bigint[], $7::real[], $8::real[], $9::real[], $10::real[], $11::real[], $12::real[], $13::real[], $14::boolean[])
    AS given (c, r, co, va, un, cn, ti, sc, dr, he)
  ON CONFLICT (subject, column_name, period) DO UPDATE SET
    records = EXCLUDED.records, completeness = EXCLUDED.completeness, validity = EXCLUDED.validity, uniqueness = EXCLUDED.uniqueness,
    consistency = EXCLUDED.consistency, timeliness = EXCLUDED.timeliness, score = EXCLUDED.score, drift = EXCLUDED.drift,
    held = EXCLUDED.held, run_id = EXCLUDED.run_id, recorded_at = clock_timestamp()`;

async function historyOf(
  pool: Pool,
  { source, subject, period }: ScoredSubject,
  columns: readonly string[],
): Promise<ReadonlyMap<string, readonly number[]>> {
  const { rows } = await pool.query<{ column: string; score: number }>(historySql, [source, subject, period, columns]);
  const history = new Map<string, number[]>();
  for (const { column, score } of rows) history.set(column, [...(history.get(column) ?? []), score]);
  return history;
}

/**
 * Keeps scores with their drift against the last 30 of their source, and tells them. Repeating it replaces the row; the
 * topic then holds the score twice, the later one counts.
 *
 * @throws VigilError DATABASE_AWAY, KAFKA_AWAY
 */
export async function recordScores(
  { pool, publish, nowMs }: { readonly pool: Pool; readonly publish: PublishScores; readonly nowMs: number },
  of: ScoredSubject,
  scores: readonly Score[],
): Promise<readonly ScoreRecorded[]> {
  try {
    const columns = scores.map(({ column }) => column);
    const history = await historyOf(pool, of, columns);
    const judged = scores.map((score) => ({ ...score, drift: driftOf(score.score, history.get(score.column) ?? []) }));
    const held = new Set(of.limits ? shortfallsOf(judged, of.limits).map(({ column }) => column) : []);
    const recorded = judged.map((score): ScoreRecorded => ({
      ...score,
      subject: of.subject,
      source: of.source,
      period: of.period,
      held: held.has(score.column),
      runId: of.runId ?? '',
      recordedAt: nowMs,
    }));
    const each = (name: keyof ScoreRecorded) => recorded.map((row) => row[name]);
    await pool.query(insertSql, [of.subject, of.source, of.period, of.runId, ...scoreColumns.map(each)]);
    await publish(recorded.map((value) => ({ topic: topics.scoreRecorded, key: value.subject, value })));
    return recorded;
  } catch (error) {
    throw toDatabaseError(error);
  }
}

export interface RunJudgement {
  /** Files and tables that were judged. */
  readonly judged: number;
  /** Subjects below a limit, with one sentence for the person who decides; null where none is. */
  readonly hold: string | null;
  readonly scores: readonly { readonly subject: string; readonly column: string; readonly score: number; readonly drift: number }[];
}

const scoresSql = `
  SELECT subject, column_name AS column, score, drift FROM orchestration.quality_score WHERE run_id = $1 ORDER BY subject, column_name`;
const holdSql = `
  UPDATE orchestration.quality_score SET held = true
  WHERE run_id = $1 AND (subject, column_name) IN (SELECT * FROM unnest($2::text[], $3::text[]))`;

/** Holds what a run loaded against the limits of its definition; what falls below them is marked as held. */
export async function judgeRun(pool: Pool, runId: string, limits: QualityLimits): Promise<RunJudgement> {
  const { rows } = await pool.query<RunJudgement['scores'][number]>(scoresSql, [runId]);
  const subjects = [...new Set(rows.map(({ subject }) => subject))];
  const below = subjects.flatMap((subject) => {
    const found = shortfallsOf(
      rows.filter((row) => row.subject === subject),
      limits,
    );
    return found.length === 0 ? [] : [{ subject, found }];
  });
  const held = below.flatMap(({ subject, found }) => found.map(({ column }) => ({ subject, column })));
  if (held.length > 0) await pool.query(holdSql, [runId, held.map(({ subject }) => subject), held.map(({ column }) => column)]);
  const sentences = below.map(({ subject, found }) => `${subject}: ${found.map(({ text }) => text).join(', ')}`);
  return {
    judged: subjects.length,
    scores: rows,
    hold: sentences.length === 0 ? null : `Quality is below its limit. ${sentences.join('; ')}.`,
  };
}
