import { expect, test } from '@jest/globals';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createCohort, dropFiles } from './research-cohort.ts';

test('every cell of the cohort holds a dozen patients, visited within a month, each with an outcome', () => {
  const nowMs = Date.UTC(2026, 10, 26);
  const { patients, visits, outcomes } = createCohort('X', nowMs);
  const cells = new Map<string, number>();
  for (const [, patient, , arm] of outcomes) {
    const { sex } = JSON.parse(patients.find(({ key }) => key === patient)?.value.toString() ?? '') as { sex: string };
    cells.set(`${sex} ${arm}`, (cells.get(`${sex} ${arm}`) ?? 0) + 1);
  }
  expect([...cells.values()]).toEqual([12, 12, 12, 12]);
  const [header, ...rows] = visits.text.trim().split('\n');
  expect(header).toBe('patient_id,visit_date,diagnosis_code,diagnosis_description,treatment_code,physician_id,department');
  expect(rows).toHaveLength(48);
  for (const row of rows) expect(nowMs - Date.parse(row.split(',')[1] ?? '')).toBeLessThanOrEqual(30 * 86_400_000);
});

test('files are put down whole: no part of one is left beside them', () => {
  const directory = mkdtempSync(join(tmpdir(), 'vigil-drop-'));
  dropFiles(join(directory, 'ehr'), [{ name: 'visits_1.csv', text: 'a\n' }]);
  expect(readdirSync(join(directory, 'ehr'))).toEqual(['visits_1.csv']);
  expect(readFileSync(join(directory, 'ehr/visits_1.csv'), 'utf8')).toBe('a\n');
  rmSync(directory, { recursive: true });
});
