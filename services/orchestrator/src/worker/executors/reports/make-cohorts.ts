import { toDatabaseError } from '@vigil/postgres';
import type { Pool } from 'pg';
import { z } from 'zod';
import { groupingNames, groupings, type Grouping } from './patient-groups.ts';
import type { Cell, Report } from './report.ts';
import { smallestCell, suppressCells } from './suppress-cells.ts';

export const cohortParameters = z.strictObject({
  group_by: z.array(z.enum(groupingNames)).min(1).max(6),
  minimum_follow_up_days: z.coerce.number().min(0).default(0),
  k: z.coerce.number().int().min(smallestCell).default(smallestCell),
});
export type CohortParameters = z.infer<typeof cohortParameters>;

/** Days between enrolment and the last visit after it: both lie on one patient's secret clock. */
const followed = `
  followed AS (
    SELECT o.outcome_key, GREATEST(0, (max(v.elapsed_ms) - o.elapsed_enrolled_ms) / 86400000.0) AS days
    FROM warehouse.trial_outcome o LEFT JOIN warehouse.visit v USING (patient_key)
    GROUP BY o.outcome_key, o.elapsed_enrolled_ms)`;

const peopleWith = (condition: string): string => `count(DISTINCT pseudonym) FILTER (WHERE ${condition})`;

/**
 * Whether a number about `some` of `all` patients may leave: neither they nor the others are few, unless they are none. A mean of
 * one outcome is that patient's own, however many stand beside it in the cell.
 */
const isTold = (some: string, all: string): string => `(${some} = 0 OR ${some} >= $2) AND (${some} = ${all} OR ${all} - ${some} >= $2)`;

/** Patients with the visits and outcomes that groupings speak of; a patient counts once in each cell they belong to. */
function cohortSql(groupBy: readonly Grouping[]): string {
  const columns = groupBy.map((name) => `${groupings[name].sql} AS ${name}`);
  const needsVisit = groupBy.some((name) => groupings[name].of === 'visit');
  return `
    WITH ${followed},
    cells AS (
      SELECT ${columns.join(', ')}, p.pseudonym, o.outcome_key, o.primary_endpoint, o.serious_events
      FROM warehouse.dim_patient p
      ${needsVisit ? 'JOIN warehouse.visit v USING (patient_key) JOIN warehouse.dim_diagnosis d USING (diagnosis_key)' : ''}
      LEFT JOIN (warehouse.trial_outcome o JOIN followed f USING (outcome_key))
        ON o.patient_key = p.patient_key AND COALESCE(f.days, 0) >= $1
      WHERE p.is_current AND p.pseudonym <> ''),
    outcomes AS (SELECT DISTINCT ${groupBy.join(', ')}, pseudonym, outcome_key, primary_endpoint, serious_events FROM cells),
    sums AS (
      SELECT ${groupBy.join(', ')}, count(DISTINCT pseudonym) AS patients, count(outcome_key) AS outcomes,
        round(avg(primary_endpoint), 4) AS mean_primary_endpoint, COALESCE(sum(serious_events), 0) AS serious_events,
        ${peopleWith('outcome_key IS NOT NULL')} AS with_outcome, ${peopleWith('primary_endpoint IS NOT NULL')} AS with_endpoint,
        ${peopleWith('serious_events > 0')} AS with_serious
      FROM outcomes GROUP BY ${groupBy.join(', ')})
    SELECT ${groupBy.join(', ')}, patients,
      CASE WHEN ${isTold('with_outcome', 'patients')} THEN outcomes END AS outcomes,
      CASE WHEN ${isTold('with_outcome', 'patients')} AND ${isTold('with_endpoint', 'with_outcome')} THEN mean_primary_endpoint END AS mean_primary_endpoint,
      CASE WHEN ${isTold('with_outcome', 'patients')} AND ${isTold('with_serious', 'with_outcome')} THEN serious_events END AS serious_events
    FROM sums ORDER BY ${groupBy.join(', ')}`;
}

const measures = ['patients', 'outcomes', 'mean_primary_endpoint', 'serious_events'];

/** Numbers of patients and their outcomes by what they have in common; cells of fewer than k patients never get here. */
export async function makeCohorts(
  warehouse: Pool,
  { group_by: groupBy, minimum_follow_up_days: days, k }: CohortParameters,
): Promise<Report> {
  const columns = [...groupBy, ...measures];
  const { rows } = await warehouse.query<Record<string, Cell>>(cohortSql(groupBy), [days, k]).catch((error: unknown) => {
    throw toDatabaseError(error);
  });
  const report: Report = {
    title: 'Cohorts',
    columns,
    rows: rows.map((row) => columns.map((column) => row[column] ?? null)),
    notes: [
      `Outcomes of patients followed for fewer than ${days} days are left out.`,
      `What would tell of fewer than ${k} patients of a cell, or of all but so few, is empty.`,
    ],
    findings: 0,
    peopleColumn: 'patients',
  };
  return suppressCells(report, k);
}
