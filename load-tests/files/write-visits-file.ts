import { once } from 'node:events';
import { createWriteStream, renameSync } from 'node:fs';
import { join } from 'node:path';

export const visitsHeader = 'patient_id,visit_date,diagnosis_code,diagnosis_description,treatment_code,physician_id,department,notes';

/** Patients that the rows are about: a hospital's, not one a row. */
const patients = 50_000;
/** A quoted column over two lines that no mapper asks for, so that the file is large and its records are not. */
const notes = `"${'Seen in the morning, ""well"" and sent home. '.repeat(8)}\nNothing else."`;

const days = 28;
/** Patient and day come together again after so many rows: then somebody else is seen, as no row tells what another one told. */
const rowsApart = (patients * days) / 4;

const rowOf = (row: number): string => {
  const day = String(1 + (row % days)).padStart(2, '0');
  return `PAT_${row % patients},2024-03-${day},I10,Essential hypertension,MED001,DOC_${Math.floor(row / rowsApart)},Cardiology,${notes}\n`;
};

/** Writes a CSV of visits of at least so many bytes, whole at once. @returns its rows */
export async function writeVisitsFile(directory: string, name: string, bytes: number): Promise<number> {
  const draft = join(directory, '.draft');
  const out = createWriteStream(draft);
  let written = visitsHeader.length + 1;
  out.write(`${visitsHeader}\n`);
  let rows = 0;
  while (written < bytes) {
    let part = '';
    for (let row = 0; row < 2_000 && written + part.length < bytes; row++) part += rowOf(rows++);
    written += part.length;
    if (!out.write(part)) await once(out, 'drain');
  }
  out.end();
  await once(out, 'close');
  renameSync(draft, join(directory, name));
  return rows;
}
