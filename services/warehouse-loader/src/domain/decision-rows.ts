import type { ClaimAdjudicated } from '@vigil/contracts';
import type { ReadPlace } from './clinical-rows.ts';
import type { RowTable, RowValues } from './row-values.ts';

type Line = ClaimAdjudicated['lines'][number];

const sourceColumns = ['src_topic', 'src_partition', 'src_offset'];

/** `claims.decision`: a row per record; tokens, no names. */
export const decisionTable: RowTable = {
  table: 'claims.decision',
  columns: [
    'decision_id',
    'submission_id',
    'claim_id',
    'submitted_claim_id',
    'scope',
    'patient_token',
    'policy_token',
    'member_token',
    'outcome',
    'kind',
    'number',
    'reverses',
    'frequency',
    'claim_type',
    'format',
    'payer_id',
    'plan_id',
    'plan_year',
    'network',
    'provider_id',
    'provider_id_type',
    'provider_type',
    'coverage_type',
    'place_of_service',
    'diagnosis_codes',
    'service_from',
    'service_to',
    'received_on',
    'received_at',
    'decided_at',
    'charge_cents',
    'allowed_cents',
    'paid_cents',
    'patient_cents',
    'pend_reasons',
    'claim_reasons',
    'review_id',
    'reference_versions',
    'batch_id',
    ...sourceColumns,
  ],
};

export const decisionLineTable: RowTable = {
  table: 'claims.decision_line',
  columns: [
    'decision_id',
    'line',
    'procedure_code',
    'revenue_code',
    'modifiers',
    'units_thousandths',
    'service_from',
    'charge_cents',
    'allowed_cents',
    'paid_cents',
    'patient_cents',
    'denied',
    'rarc',
    'reasons',
    ...sourceColumns,
  ],
};

export const decisionAdjustmentTable: RowTable = {
  table: 'claims.decision_adjustment',
  columns: ['decision_id', 'line', 'place', 'group_code', 'carc', 'amount_cents', ...sourceColumns],
};

function writePlace(row: RowValues, { topic, partition, offset }: ReadPlace): void {
  row.text(topic);
  row.int4(partition);
  row.int8(offset);
}

function writeWho(row: RowValues, decision: ClaimAdjudicated): void {
  row.text(decision.decisionId);
  row.text(decision.submissionId);
  row.text(decision.claimId);
  row.text(decision.submittedClaimId);
  row.text(decision.scope);
  row.text(decision.patientToken);
  row.text(decision.policyToken);
  row.text(decision.memberToken);
}

function writeWhat(row: RowValues, decision: ClaimAdjudicated): void {
  row.text(decision.outcome);
  row.text(decision.kind);
  row.int4(decision.number);
  row.text(decision.reverses);
  row.text(decision.frequency);
  row.text(decision.claimType);
  row.text(decision.format);
  row.text(decision.payerId);
  row.text(decision.planId);
  row.int4(decision.planYear);
  row.text(decision.network);
  row.text(decision.providerId);
  row.text(decision.providerIdType);
  row.text(decision.providerType);
  row.text(decision.coverageType);
  row.text(decision.placeOfService);
  row.textArray(decision.diagnosisCodes);
}

/** @param batchId  of the header `vigil-batch-id`: the file or request that the claim came with */
export function writeDecision(row: RowValues, decision: ClaimAdjudicated, place: ReadPlace & { readonly batchId: string | null }): void {
  writeWho(row, decision);
  writeWhat(row, decision);
  row.int4(decision.serviceFrom);
  row.int4(decision.serviceTo);
  row.int4(decision.receivedOn);
  row.timestamptz(decision.receivedAt);
  row.timestamptz(decision.decidedAt);
  row.int8(decision.chargeCents);
  row.int8(decision.allowedCents);
  row.int8(decision.paidCents);
  row.int8(decision.patientCents);
  row.jsonb(JSON.stringify(decision.pendReasons));
  row.jsonb(JSON.stringify(decision.claimReasons));
  row.text(decision.reviewId);
  row.jsonb(JSON.stringify(decision.referenceVersions));
  row.text(place.batchId);
  writePlace(row, place);
}

export function writeDecisionLine(row: RowValues, line: Line, of: ReadPlace & { readonly decisionId: string }): void {
  row.text(of.decisionId);
  row.int4(line.line);
  row.text(line.procedureCode);
  row.text(line.revenueCode);
  row.textArray(line.modifiers);
  row.int8(line.unitsThousandths);
  row.int4(line.serviceFrom);
  row.int8(line.chargeCents);
  row.int8(line.allowedCents);
  row.int8(line.paidCents);
  row.int8(line.patientCents);
  row.bool(line.denied);
  row.textArray(line.rarc);
  row.jsonb(JSON.stringify(line.reasons));
  writePlace(row, of);
}

/** @param of  with the line, and the place among its adjustments from 1 */
export function writeDecisionAdjustment(
  row: RowValues,
  { group, carc, cents }: Line['adjustments'][number],
  of: ReadPlace & { readonly decisionId: string; readonly line: number; readonly place: number },
): void {
  row.text(of.decisionId);
  row.int4(of.line);
  row.int4(of.place);
  row.text(group);
  row.text(carc);
  row.int8(cents);
  writePlace(row, of);
}
