import { mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Client } from 'pg';
import type { WireMessage } from './ward-publisher.ts';

/** Invented patients of a trial: two sexes by two arms, twelve of each, so that every cell may leave the warehouse (k = 11). */
export interface ResearchCohort {
  readonly patients: readonly WireMessage[];
  /** The day's file of visits, as hospitals send it. */
  readonly visits: { readonly name: string; readonly text: string };
  /** Rows of `clinical_trials`: trial, patient, day of enrolment, arm, primary endpoint. */
  readonly outcomes: readonly (readonly [trial: string, patient: string, enrolled: string, arm: string, endpoint: number])[];
}

const size = 48;
const dayMs = 86_400_000;
const isoDay = (ms: number): string => new Date(ms).toISOString().slice(0, 10);
const header = 'patient_id,visit_date,diagnosis_code,diagnosis_description,treatment_code,physician_id,department';

export function createCohort(run: string, nowMs: number): ResearchCohort {
  const ids = Array.from({ length: size }, (_, index) => `PAT_${run}_R${String(index).padStart(2, '0')}`);
  const visits = ids.map((id, index) =>
    [id, isoDay(nowMs - (1 + (index % 20)) * dayMs), 'I10', 'Essential hypertension', 'MED001', `DOC_00${index % 5}`, 'Cardiology'].join(
      ',',
    ),
  );
  return {
    patients: ids.map((id, index) => ({
      key: id,
      value: Buffer.from(
        JSON.stringify({ patient_id: id, birth_date: `196${1 + (index % 3)}-03-1${index % 9}`, sex: index % 2 === 0 ? 'female' : 'male' }),
      ),
    })),
    visits: { name: `visits_${run}.csv`, text: `${header}\n${visits.join('\n')}\n` },
    outcomes: ids.map((id, index) => [
      `TRIAL_${run}`,
      id,
      isoDay(nowMs - (60 + index) * dayMs),
      index % 4 < 2 ? 'Treatment' : 'Placebo',
      7 + (index % 10) / 8,
    ]),
  };
}

/** Puts files down as a careful sender does: under another name first, so that nobody reads half of one. */
export function dropFiles(directory: string, files: readonly { readonly name: string; readonly text: string }[]): void {
  mkdirSync(directory, { recursive: true });
  for (const { name, text } of files) {
    writeFileSync(join(directory, `.${name}.part`), text);
    renameSync(join(directory, `.${name}.part`), join(directory, name));
  }
}

/** Adds the outcomes to the research database. */
export async function recordOutcomes(url: string, outcomes: ResearchCohort['outcomes']): Promise<void> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    const column = (at: number): unknown[] => outcomes.map((row) => row[at]);
    await client.query(
      `INSERT INTO clinical_trials (trial_id, patient_id, enrollment_date, treatment_arm, primary_endpoint_value, secondary_endpoints, adverse_events, completion_status)
       SELECT t, p, d, a, e, '{}', '[]', 'completed' FROM unnest($1::text[], $2::text[], $3::date[], $4::text[], $5::numeric[]) AS given (t, p, d, a, e)`,
      [0, 1, 2, 3, 4].map(column),
    );
  } finally {
    await client.end();
  }
}
