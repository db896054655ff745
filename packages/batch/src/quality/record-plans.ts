import type { OutcomeRecorded, VisitRecorded } from '@vigil/contracts';
import type { SourcedRow } from '@vigil/sources';
import type { Mapped } from '../job/batch-job.ts';
import type { CsvRow } from '../mappers/mapper-rules.ts';
import type { QualityPlan } from './quality-profile.ts';

const dayMs = 86_400_000;

const firstOf = <Value>(mapped: Mapped): Value | null =>
  mapped.kind === 'records' ? ((mapped.records[0]?.value as Value | undefined) ?? null) : null;

const column = (name: string, required: boolean) => ({ name, required, valueOf: (row: CsvRow) => row[name] });
const rowColumn = (name: string, required: boolean) => ({ name, required, valueOf: ({ row }: SourcedRow) => row[name] });
const isEmpty = (value: unknown): boolean => value === undefined || value === null || value === '';

/** Visits: a described diagnosis has a code and the other way round; a visit is told within 30 days. */
export const visitQuality: QualityPlan<CsvRow> = {
  columns: [
    column('patient_id', true),
    column('visit_date', true),
    column('diagnosis_code', true),
    column('diagnosis_description', false),
    column('treatment_code', false),
    column('physician_id', true),
    column('department', true),
  ],
  keyOf: (_row, mapped) => firstOf<VisitRecorded>(mapped)?.visitId ?? null,
  isConsistent: (row) => isEmpty(row['diagnosis_code']) === isEmpty(row['diagnosis_description']),
  happenedAtMs: (_row, mapped) => firstOf<VisitRecorded>(mapped)?.visitedAt ?? null,
  timelyMs: 30 * dayMs,
};

/** Rows of trials: whoever completed has a primary endpoint. A table is as it is, so nothing of it is late. */
export const trialQuality: QualityPlan<SourcedRow> = {
  columns: [
    rowColumn('trial_id', true),
    rowColumn('patient_id', true),
    rowColumn('enrollment_date', true),
    rowColumn('treatment_arm', true),
    rowColumn('primary_endpoint_value', false),
    rowColumn('secondary_endpoints', false),
    rowColumn('adverse_events', false),
    rowColumn('completion_status', true),
  ],
  keyOf: ({ change }, mapped) => (change === 'snapshot' ? (firstOf<OutcomeRecorded>(mapped)?.outcomeId ?? null) : null),
  isConsistent: ({ row }) => row['completion_status'] !== 'completed' || !isEmpty(row['primary_endpoint_value']),
  happenedAtMs: () => null,
  timelyMs: 0,
};
