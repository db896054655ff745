import type { DeidClaimAdjudicated } from '@vigil/contracts';
import { sourceColumns, writeSource, type RowSource } from './fact-rows.ts';
import type { RowTable, RowValues } from './row-values.ts';

/** A line as it comes: any field may have been withheld by a stricter rule. */
export type ClaimLine = NonNullable<DeidClaimAdjudicated['lines']>[number];
export type ClaimAdjustment = NonNullable<ClaimLine['adjustments']>[number];

/** Surrogate keys that a claim refers to. */
export interface ClaimRowKeys {
  readonly patient: number;
  readonly provider: number;
  readonly payer: number;
  readonly plan: number;
}

export const claimTable: RowTable = {
  table: 'warehouse.fact_claim',
  columns: [
    'decision_id',
    'submission_id',
    'claim_id',
    'reverses',
    'patient_key',
    'provider_key',
    'payer_key',
    'plan_key',
    'outcome',
    'kind',
    'number',
    'frequency',
    'claim_type',
    'format',
    'network',
    'coverage_type',
    'place_of_service',
    'approx_year',
    'elapsed_received_ms',
    'elapsed_decided_ms',
    'charge_cents',
    'allowed_cents',
    'paid_cents',
    'patient_cents',
    'lines',
    'pend_reasons',
    'rules',
    ...sourceColumns,
  ],
};

const rulesOf = (reasons: readonly { readonly rule?: string | null }[] | null): readonly string[] =>
  (reasons ?? []).map(({ rule }) => rule ?? '');

export function writeClaim(row: RowValues, claim: DeidClaimAdjudicated, keys: ClaimRowKeys, source: RowSource): void {
  row.uuid(claim.decisionId);
  row.uuid(claim.submissionId);
  row.uuid(claim.claimKey);
  row.uuid(claim.reverses);
  row.int8(keys.patient);
  row.int8(keys.provider);
  row.int8(keys.payer);
  row.int8(keys.plan);
  row.text(claim.outcome);
  row.text(claim.kind);
  row.int4(claim.number);
  row.text(claim.frequency);
  row.text(claim.claimType);
  row.text(claim.format);
  row.text(claim.network);
  row.text(claim.coverageType);
  row.text(claim.placeOfService);
  row.int2(claim.approxYear);
  row.int8(claim.elapsedReceivedMs);
  row.int8(claim.elapsedDecidedMs);
  row.int8(claim.chargeCents);
  row.int8(claim.allowedCents);
  row.int8(claim.paidCents);
  row.int8(claim.patientCents);
  row.int4(claim.lines?.length ?? 0);
  row.textArray((claim.pendReasons ?? []).map(({ code }) => code ?? ''));
  row.textArray(rulesOf(claim.claimReasons));
  writeSource(row, source);
}

export const claimLineTable: RowTable = {
  table: 'warehouse.fact_claim_line',
  columns: [
    'decision_id',
    'line',
    'patient_key',
    'procedure_key',
    'revenue_code',
    'modifiers',
    'units_thousandths',
    'charge_cents',
    'allowed_cents',
    'paid_cents',
    'patient_cents',
    'denied',
    'rarc',
    'rules',
    ...sourceColumns,
  ],
};

/** What the rows of one line have in common. */
export interface ClaimLineOf {
  readonly decisionId: string;
  /** Of the record; a withheld number is the line's place. */
  readonly line: number;
  readonly patient: number;
}

export function writeClaimLine(row: RowValues, line: ClaimLine, of: ClaimLineOf & { readonly procedure: number }, source: RowSource): void {
  row.uuid(of.decisionId);
  row.int4(of.line);
  row.int8(of.patient);
  row.int8(of.procedure);
  row.text(line.revenueCode);
  row.textArray(line.modifiers ?? []);
  row.int8(line.unitsThousandths);
  row.int8(line.chargeCents);
  row.int8(line.allowedCents);
  row.int8(line.paidCents);
  row.int8(line.patientCents);
  row.bool(line.denied);
  row.textArray(line.rarc ?? []);
  row.textArray(rulesOf(line.reasons));
  writeSource(row, source);
}

export const claimAdjustmentTable: RowTable = {
  table: 'warehouse.fact_claim_adjustment',
  columns: ['decision_id', 'line', 'place', 'patient_key', 'group_code', 'carc', 'amount_cents', ...sourceColumns],
};

export function writeClaimAdjustment(
  row: RowValues,
  adjustment: ClaimAdjustment,
  of: ClaimLineOf & { readonly place: number },
  source: RowSource,
): void {
  row.uuid(of.decisionId);
  row.int4(of.line);
  row.int4(of.place);
  row.int8(of.patient);
  row.text(adjustment.group);
  row.text(adjustment.carc);
  row.int8(adjustment.cents);
  writeSource(row, source);
}

export const claimDiagnosisTable: RowTable = {
  table: 'warehouse.bridge_claim_diagnosis',
  columns: ['decision_id', 'place', 'diagnosis_key', ...sourceColumns],
};

export function writeClaimDiagnosis(
  row: RowValues,
  of: { readonly decisionId: string; readonly place: number; readonly diagnosis: number },
  source: RowSource,
): void {
  row.uuid(of.decisionId);
  row.int4(of.place);
  row.int8(of.diagnosis);
  writeSource(row, source);
}
