import { topics, type VisitRecorded } from '@vigil/contracts';
import { boundedMemo, hashId } from '@vigil/core';
import type { MapItem } from '../job/batch-job.ts';
import { departmentClassOf } from './department-class.ts';
import { latestDayOf, midnightOf, type CsvRow, type MapperRules } from './mapper-rules.ts';
import { readDay, readDiagnosis, readIdentifier } from './read-columns.ts';
import { rejectRow, wrong } from './reject-row.ts';
import { createIdentityTeller, isIdentityColumn } from './tell-identity.ts';

const known: ReadonlySet<string> = new Set([
  'patient_id',
  'visit_date',
  'diagnosis_code',
  'diagnosis_description',
  'treatment_code',
  'physician_id',
  'department',
]);

/** CPT, HCPCS, or a short word with a short number: nothing else is sure to be a code. */
const treatment = /^(\d{4}[0-9FTU]|[A-Z]{1,4}[-_]?\d{1,4}[A-Z]?)$/;

const textOf = (row: CsvRow, column: string): string => (row[column] ?? '').trim();

/** Columns that no rule knows, as they came; what identifies is sealed instead. */
function extrasOf(row: CsvRow, treatmentCode: string): Record<string, string> {
  const extras: Record<string, string> = {};
  for (const [column, value] of Object.entries(row)) {
    if (!known.has(column) && !isIdentityColumn(column)) extras[column] = value;
  }
  const told = textOf(row, 'treatment_code');
  if (treatmentCode !== told) extras['treatment_code'] = told;
  return extras;
}

/** The same visit told twice has one id. */
const visitIdOf = (visit: Omit<VisitRecorded, 'visitId'>): string =>
  hashId('visit', visit.patientToken, visit.visitDate, visit.diagnosisCode, visit.treatmentCode, visit.physicianId, visit.department);

/**
 * A visit as hospitals send it (`patient_id,visit_date,diagnosis_code,diagnosis_description,treatment_code,physician_id,department`)
 * → `ehr.visit.recorded.v1`, and the sealed identity beside it.
 */
export function createVisitMapper(rules: MapperRules): MapItem<CsvRow> {
  const tellIdentity = createIdentityTeller(rules);
  const classOf = boundedMemo(1000, departmentClassOf);
  const latestDay = latestDayOf(rules);
  return ({ item: row, line }) => {
    const patientId = readIdentifier(row, 'patient_id');
    if (!patientId.ok) return rejectRow(patientId, row);
    const day = readDay(row, 'visit_date', latestDay);
    if (!day.ok) return rejectRow(day, row);
    if (day.value === null) return rejectRow(wrong('MISSING_FIELD', 'visit_date', 'expected a day as YYYY-MM-DD'), row);
    const diagnosisCode = readDiagnosis(row, 'diagnosis_code');
    if (!diagnosisCode.ok) return rejectRow(diagnosisCode, row);
    const { patientToken, records } = tellIdentity(row, patientId.value);
    const told = textOf(row, 'treatment_code').toUpperCase();
    const treatmentCode = treatment.test(told) ? told : '';
    const department = textOf(row, 'department');
    const visit = {
      patientToken,
      visitDate: day.value,
      visitedAt: midnightOf(day.value),
      diagnosisCode: diagnosisCode.value,
      diagnosisDescription: textOf(row, 'diagnosis_description'),
      treatmentCode,
      physicianId: textOf(row, 'physician_id'),
      department,
      departmentClass: classOf(department),
      extras: extrasOf(row, treatmentCode),
      source: rules.source,
      fileId: rules.fileId,
      line,
    };
    const value: VisitRecorded = { visitId: visitIdOf(visit), ...visit };
    return { kind: 'records', records: [{ topic: topics.visitRecorded, key: patientToken, value }, ...records] };
  };
}
