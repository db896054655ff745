import type { DeidOutcomeRecorded, DeidVisitRecorded } from '@vigil/contracts';
import { sourceColumns, writeSource, type RowKeys, type RowSource } from './fact-rows.ts';
import type { RowTable, RowValues } from './row-values.ts';

export const visitTable: RowTable = {
  table: 'warehouse.fact_visit',
  columns: [
    'visit_key',
    'patient_key',
    'diagnosis_key',
    'physician_key',
    'treatment_code',
    'department_class',
    'elapsed_ms',
    'approx_year',
    ...sourceColumns,
  ],
};

export function writeVisit(row: RowValues, visit: DeidVisitRecorded, keys: RowKeys, source: RowSource): void {
  row.uuid(visit.visitId);
  row.int8(keys.patient);
  row.int8(keys.diagnosis);
  row.uuid(visit.physicianKey);
  row.text(visit.treatmentCode);
  row.text(visit.departmentClass);
  row.int8(visit.elapsedMs);
  row.int2(visit.approxYear);
  writeSource(row, source);
}

export const outcomeTable: RowTable = {
  table: 'warehouse.fact_trial_outcome',
  columns: [
    'outcome_key',
    'patient_key',
    'trial_key',
    'change',
    'arm_key',
    'arm',
    'completion_status',
    'primary_endpoint_ten_thousandths',
    'adverse_events',
    'serious_events',
    'elapsed_enrolled_ms',
    'approx_year',
    ...sourceColumns,
  ],
};

export function writeOutcome(row: RowValues, outcome: DeidOutcomeRecorded, keys: RowKeys, source: RowSource): void {
  row.uuid(outcome.outcomeId);
  row.int8(keys.patient);
  row.int8(keys.trial);
  row.text(outcome.change);
  row.uuid(outcome.armKey);
  row.text(outcome.armCode);
  row.text(outcome.completionStatus);
  row.int8(outcome.primaryEndpointTenThousandths);
  row.int4(outcome.adverseEventCount);
  row.int4(outcome.seriousEventCount);
  row.int8(outcome.elapsedEnrolledMs);
  row.int2(outcome.approxYear);
  writeSource(row, source);
}
