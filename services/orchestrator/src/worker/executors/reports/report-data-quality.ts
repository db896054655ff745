import { toDatabaseError } from '@vigil/postgres';
import type { ExecutorDeps } from '../../executor-deps.ts';
import type { Cell, Report } from './report.ts';

const scoresSql = `
  SELECT source, split_part(subject, ':', 1) AS kind, column_name AS "column", count(*) AS judged, sum(records) AS records,
    round(percentile_cont(0.5) WITHIN GROUP (ORDER BY score)::numeric, 4) AS median_score, round(min(score)::numeric, 4) AS lowest_score,
    round(min(completeness)::numeric, 4) AS completeness, round(min(validity)::numeric, 4) AS validity,
    round(min(uniqueness)::numeric, 4) AS uniqueness, round(min(consistency)::numeric, 4) AS consistency,
    round(min(timeliness)::numeric, 4) AS timeliness, round(min(drift)::numeric, 2) AS worst_drift, count(*) FILTER (WHERE held) AS held
  FROM orchestration.quality_score WHERE recorded_at >= $1 GROUP BY 1, 2, 3 ORDER BY 2, 1, 3`;

const columns = [
  'kind',
  'source',
  'column',
  'judged',
  'records',
  'median_score',
  'lowest_score',
  'completeness',
  'validity',
  'uniqueness',
  'consistency',
  'timeliness',
  'worst_drift',
  'held',
];

/** A score so many deviations below the median of its history is looked at. */
export const notableDrift = -3;

/** How good sources were, by source and column: the lowest of each dimension, and what was held for a person. */
export async function reportDataQuality(
  database: ExecutorDeps['database'],
  { sinceMs, days }: { readonly sinceMs: number; readonly days: number },
): Promise<Report> {
  const { rows } = await database.query<Record<string, Cell>>(scoresSql, [new Date(sinceMs)]).catch((error: unknown) => {
    throw toDatabaseError(error);
  });
  return {
    title: 'Data quality',
    columns,
    rows: rows.map((row) => columns.map((column) => row[column] ?? null)),
    notes: [`Files, tables and hours of streams judged in the last ${days} days. An empty column is the source as a whole.`],
    findings: rows.filter((row) => Number(row['held']) > 0 || Number(row['worst_drift']) <= notableDrift).length,
    peopleColumn: null,
  };
}
