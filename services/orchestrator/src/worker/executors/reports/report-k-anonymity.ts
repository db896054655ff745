import { toDatabaseError } from '@vigil/postgres';
import type { Pool } from 'pg';
import { z } from 'zod';
import { groupingNames, groupings } from './patient-groups.ts';
import type { Report } from './report.ts';
import { smallestCell } from './suppress-cells.ts';
import { tellPeople } from './tell-people.ts';

const ofPatients = groupingNames.filter((name) => groupings[name].of === 'patient');

export const anonymityParameters = z.strictObject({
  k: z.coerce.number().int().min(2).default(smallestCell),
  quasi_identifiers: z
    .array(z.enum(ofPatients as ['sex', 'age_group', 'zip3']))
    .min(1)
    .default(['age_group', 'sex', 'zip3']),
});

/** Tables that analysts read; each is judged by the patients that stand in it. */
const released = ['fact_vital_reading', 'fact_vital_window', 'fact_alert', 'fact_claim', 'fact_visit', 'fact_trial_outcome'] as const;

const cellsSql = (table: (typeof released)[number] | null, by: readonly (keyof typeof groupings)[]): string => `
  WITH cells AS (
    SELECT count(DISTINCT p.pseudonym) AS patients FROM warehouse.dim_patient p
    WHERE p.is_current AND p.pseudonym <> ''
      ${table === null ? '' : `AND EXISTS (SELECT FROM warehouse.${table} f WHERE f.patient_key = p.patient_key)`}
    GROUP BY ${by.map((name) => groupings[name].sql).join(', ')})
  SELECT COALESCE(sum(patients), 0) AS patients, count(*) AS cells, min(patients) AS k,
    count(*) FILTER (WHERE patients < $1) AS small, COALESCE(sum(patients) FILTER (WHERE patients < $1), 0) AS exposed
  FROM cells`;

interface Cells {
  readonly patients: number;
  readonly cells: number;
  readonly k: number | null;
  readonly small: number;
  readonly exposed: number;
}

/** The fewest patients that share what could be known of them, for each table that analysts read. */
export async function reportAnonymity(warehouse: Pool, { k, quasi_identifiers: by }: z.infer<typeof anonymityParameters>): Promise<Report> {
  const rows: (string | number | null)[][] = [];
  let findings = 0;
  for (const table of [null, ...released]) {
    const { rows: found } = await warehouse.query<Cells>(cellsSql(table, by), [k]).catch((error: unknown) => {
      throw toDatabaseError(error);
    });
    const [cells] = found as [Cells];
    const told = (count: number): string | number => tellPeople(count, k);
    const exposed = told(cells.exposed);
    findings += cells.small > 0 ? 1 : 0;
    rows.push([
      table ?? 'dim_patient',
      told(cells.patients),
      cells.cells,
      cells.k === null ? null : told(cells.k),
      // Ten cells of fewer than eleven people in all are ten people.
      typeof exposed === 'string' ? 'some' : cells.small,
      exposed,
    ]);
  }
  return {
    title: 'k-anonymity',
    columns: ['table', 'patients', 'cells', 'smallest_cell', `cells_below_${k}`, 'patients_in_them'],
    rows,
    notes: [
      `Cells are ${by.join(', ')}. Extracts leave out those of fewer than ${k} patients; the tables themselves hold them.`,
      `Numbers of patients are rounded down to multiples of ${Math.max(k, smallestCell)}, so that no difference of two tells of few.`,
    ],
    findings,
    peopleColumn: null,
  };
}
