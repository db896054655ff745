import { createWriteStream } from 'node:fs';
import { once } from 'node:events';
import { finished } from 'node:stream/promises';

export const visitColumns = [
  'patient_id',
  'visit_date',
  'diagnosis_code',
  'diagnosis_description',
  'treatment_code',
  'physician_id',
  'department',
];

/** A table of visits as analysts load them; one for each contender. */
export const createVisitTableSql = (table: string): string => `DROP TABLE IF EXISTS ${table};
  CREATE TABLE ${table} (patient_id text NOT NULL, visit_date date NOT NULL, diagnosis_code text, diagnosis_description text, treatment_code text,
    physician_id text, department text)`;

const diagnoses = [
  ['I10', 'Essential hypertension'],
  ['E11.9', 'Type 2 diabetes mellitus without complications'],
  ['J45.909', '"Unspecified asthma, uncomplicated"'],
  ['M54.5', 'Low back pain'],
] as const;
const departments = ['Cardiology', 'Endocrinology', 'Pulmonology', 'Orthopedics'];

const lineOf = (row: number): string => {
  const [code, description] = diagnoses[row % 4] as (typeof diagnoses)[number];
  const day = String(1 + (row % 28)).padStart(2, '0');
  const month = String(1 + (row % 12)).padStart(2, '0');
  return `PAT_${row},2024-${month}-${day},${code},${description},MED${row % 997},DOC_${row % 89},${departments[row % 4]}\n`;
};

/** Writes a CSV of visits as hospitals send them. */
export async function writeVisits(file: string, rows: number): Promise<void> {
  const out = createWriteStream(file);
  out.write(`${visitColumns.join(',')}\n`);
  for (let row = 0; row < rows; row += 5_000) {
    let text = '';
    for (let at = row; at < Math.min(rows, row + 5_000); at++) text += lineOf(at);
    if (!out.write(text)) await once(out, 'drain');
  }
  out.end();
  await finished(out);
}
