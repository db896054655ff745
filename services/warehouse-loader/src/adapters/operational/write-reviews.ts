import type { ReviewDecided, ReviewRequested } from '@vigil/contracts';
import type { Transaction } from '@vigil/postgres';

/** A record with its key. */
export interface Keyed<Value> {
  readonly key: string;
  readonly value: Value;
}

const requestSql = `
  INSERT INTO claims.review AS r (review_id, submission_id, record_key, policy_token, patient_token, claim_id, reasons, charge_cents,
    second_person_cents, requested_at, withdrawn_by)
  SELECT * FROM jsonb_to_recordset($1::jsonb) AS given (review_id text, submission_id text, record_key text, policy_token text,
    patient_token text, claim_id text, reasons jsonb, charge_cents bigint, second_person_cents bigint, requested_at timestamptz,
    withdrawn_by text)
  ON CONFLICT (review_id) DO UPDATE SET submission_id = EXCLUDED.submission_id, record_key = EXCLUDED.record_key,
    policy_token = EXCLUDED.policy_token, patient_token = EXCLUDED.patient_token, claim_id = EXCLUDED.claim_id,
    reasons = EXCLUDED.reasons, charge_cents = EXCLUDED.charge_cents, second_person_cents = coalesce(EXCLUDED.second_person_cents, r.second_person_cents),
    requested_at = least(EXCLUDED.requested_at, r.requested_at), withdrawn_by = coalesce(EXCLUDED.withdrawn_by, r.withdrawn_by)`;

/** The first decision stands: the adjudication took that one. */
const decisionSql = `
  INSERT INTO claims.review AS r (review_id, submission_id, record_key, policy_token, decision, group_code, carc, rarc, person,
    second_person, reason, decided_at)
  SELECT * FROM jsonb_to_recordset($1::jsonb) AS given (review_id text, submission_id text, record_key text, policy_token text,
    decision text, group_code text, carc text, rarc text[], person text, second_person text, reason text, decided_at timestamptz)
  ON CONFLICT (review_id) DO UPDATE SET decision = EXCLUDED.decision, group_code = EXCLUDED.group_code, carc = EXCLUDED.carc,
    rarc = EXCLUDED.rarc, person = EXCLUDED.person, second_person = EXCLUDED.second_person, reason = EXCLUDED.reason,
    decided_at = EXCLUDED.decided_at
  WHERE r.decided_at IS NULL`;

const iso = (ms: number): string => new Date(ms).toISOString();

const requestRow = ({ key, value }: Keyed<ReviewRequested>) => ({
  review_id: value.reviewId,
  submission_id: value.submissionId,
  record_key: key,
  policy_token: value.policyToken,
  patient_token: value.patientToken,
  claim_id: value.claimId,
  reasons: value.reasons,
  charge_cents: value.chargeCents,
  second_person_cents: value.secondPersonCents,
  requested_at: iso(value.requestedAt),
  withdrawn_by: value.withdrawnBy,
});

const decisionRow = ({ key, value }: Keyed<ReviewDecided>) => ({
  review_id: value.reviewId,
  submission_id: value.submissionId,
  record_key: key,
  policy_token: value.policyToken,
  decision: value.decision,
  group_code: value.group,
  carc: value.carc,
  rarc: value.rarc,
  person: value.person,
  second_person: value.secondPerson,
  reason: value.reason,
  decided_at: iso(value.decidedAt),
});

/** One statement cannot touch a row twice. */
const oncePerReview = <Row extends { readonly review_id: string }>(rows: readonly Row[], keep: 'first' | 'last'): Row[] => {
  const ordered = keep === 'last' ? rows : rows.toReversed();
  return [...new Map(ordered.map((row) => [row.review_id, row])).values()].sort((a, b) => (a.review_id < b.review_id ? -1 : 1));
};

/** Adds reviews to the queue; a request that is read again changes nothing. */
export async function writeReviewRequests(transaction: Transaction, requests: readonly Keyed<ReviewRequested>[]): Promise<void> {
  if (requests.length === 0) return;
  await transaction.query(requestSql, [JSON.stringify(oncePerReview(requests.map(requestRow), 'last'))]);
}

/** Closes reviews, also such whose request is read later. */
export async function writeReviewDecisions(transaction: Transaction, decisions: readonly Keyed<ReviewDecided>[]): Promise<void> {
  if (decisions.length === 0) return;
  await transaction.query(decisionSql, [JSON.stringify(oncePerReview(decisions.map(decisionRow), 'first'))]);
}
