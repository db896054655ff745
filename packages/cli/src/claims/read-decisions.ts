import type { ClaimAdjudicated } from '@vigil/contracts';
import { toDatabaseError } from '@vigil/postgres';
import type { Pool, PoolClient } from 'pg';

/** Where a decision stands; rows are read by it. */
export interface DecisionPlace {
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
}

/** What is asked of decisions; times are milliseconds since the epoch. */
export interface DecisionFilter {
  readonly sinceMs?: number;
  /** Exclusive. */
  readonly untilMs?: number;
  readonly payerId?: string;
  readonly claimId?: string;
  readonly batchId?: string;
}

export type Queryable = Pick<Pool | PoolClient, 'query'>;

export async function rowsOf<Row extends object>(
  database: Queryable,
  sql: string,
  values: readonly unknown[] = [],
): Promise<readonly Row[]> {
  try {
    return (await database.query<Row>(sql, [...values])).rows;
  } catch (error) {
    throw toDatabaseError(error);
  }
}

const samePlace = (alias: string): string =>
  `${alias}.src_topic = d.src_topic AND ${alias}.src_partition = d.src_partition AND ${alias}.src_offset = d.src_offset`;

const adjustmentsSql = `(
  SELECT COALESCE(jsonb_agg(jsonb_build_object('group', a.group_code, 'carc', a.carc, 'cents', a.amount_cents) ORDER BY a.place), '[]')
  FROM claims.decision_adjustment a WHERE ${samePlace('a')} AND a.line = l.line)`;

const linesSql = `(
  SELECT COALESCE(jsonb_agg(jsonb_build_object('line', l.line, 'procedureCode', l.procedure_code, 'revenueCode', l.revenue_code,
    'modifiers', l.modifiers, 'unitsThousandths', l.units_thousandths, 'serviceFrom', l.service_from, 'chargeCents', l.charge_cents,
    'allowedCents', l.allowed_cents, 'paidCents', l.paid_cents, 'patientCents', l.patient_cents, 'denied', l.denied,
    'adjustments', ${adjustmentsSql}, 'rarc', l.rarc, 'reasons', l.reasons) ORDER BY l.line), '[]')
  FROM claims.decision_line l WHERE ${samePlace('l')})`;

const epochMs = (column: string): string => `round(extract(epoch FROM d.${column}) * 1000)::bigint`;

/** A row as the record that it came from. */
const decisionSql = `
  SELECT d.decision_id AS "decisionId", d.submission_id AS "submissionId", d.patient_token AS "patientToken",
    d.policy_token AS "policyToken", d.member_token AS "memberToken", d.claim_id AS "claimId",
    d.submitted_claim_id AS "submittedClaimId", d.scope, d.outcome, d.kind, d.number,
    d.reverses, d.frequency, d.claim_type AS "claimType", d.format, d.payer_id AS "payerId", d.plan_id AS "planId",
    d.plan_year AS "planYear", d.network, d.provider_id AS "providerId", d.provider_id_type AS "providerIdType",
    d.provider_type AS "providerType", d.coverage_type AS "coverageType", d.place_of_service AS "placeOfService",
    d.diagnosis_codes AS "diagnosisCodes", d.service_from AS "serviceFrom", d.service_to AS "serviceTo", d.received_on AS "receivedOn",
    ${epochMs('received_at')} AS "receivedAt", ${epochMs('decided_at')} AS "decidedAt", d.charge_cents AS "chargeCents",
    d.allowed_cents AS "allowedCents", d.paid_cents AS "paidCents", d.patient_cents AS "patientCents", ${linesSql} AS lines,
    d.pend_reasons AS "pendReasons", d.claim_reasons AS "claimReasons", d.review_id AS "reviewId",
    d.reference_versions AS "referenceVersions"`;

const atOnce = 500;

/** The decisions at these places, in this order; a few hundred are read at a time. */
export async function* decisionsAt(database: Queryable, places: readonly DecisionPlace[]): AsyncGenerator<ClaimAdjudicated> {
  const sql = `${decisionSql}
    FROM unnest($1::text[], $2::int[], $3::bigint[]) WITH ORDINALITY AS wanted (topic, part, place, rank)
    JOIN claims.decision d ON d.src_topic = wanted.topic AND d.src_partition = wanted.part AND d.src_offset = wanted.place
    ORDER BY wanted.rank`;
  for (let from = 0; from < places.length; from += atOnce) {
    const part = places.slice(from, from + atOnce);
    const columns = [part.map(({ topic }) => topic), part.map(({ partition }) => partition), part.map(({ offset }) => offset)];
    yield* await rowsOf<ClaimAdjudicated>(database, sql, columns);
  }
}

export const placeColumns = 'src_topic AS topic, src_partition AS partition, src_offset AS "offset"';

/**
 * Of two records about a submission the later decision counts, at one time a decision before a reversal: a replacement
 * writes both.
 */
const lastSql = `
  SELECT last.topic, last.partition, last."offset", last.decision_id AS "decisionId", taken.by AS "reversedBy" FROM (
    SELECT DISTINCT ON (submission_id) ${placeColumns}, payer_id, decided_at, decision_id
    FROM claims.decision
    WHERE ($1::text IS NULL OR submission_id IN (SELECT submission_id FROM claims.decision WHERE claim_id = $1 OR submitted_claim_id = $1))
      AND ($2::text IS NULL OR submission_id IN (SELECT submission_id FROM claims.decision WHERE batch_id = $2))
    ORDER BY submission_id, decided_at DESC, (kind = 'decision') DESC, number DESC, src_offset DESC) last
  LEFT JOIN (SELECT reverses, min(decision_id) AS by FROM claims.decision WHERE reverses IS NOT NULL GROUP BY reverses) taken
    ON taken.reverses = last.decision_id
  WHERE ($3::text IS NULL OR payer_id = $3)
    AND ($4::float8 IS NULL OR decided_at >= to_timestamp($4 / 1000.0)) AND ($5::float8 IS NULL OR decided_at < to_timestamp($5 / 1000.0))
  ORDER BY decided_at, topic, partition, "offset"`;

/** The last decision of a submission, and the reversal that took it back, whoever's that is; null = it stands. */
export interface StandingPlace extends DecisionPlace {
  readonly decisionId: string;
  readonly reversedBy: string | null;
}

/** Places of the last decision of each submission, by the time of that decision. */
export const lastDecisions = (
  database: Queryable,
  { claimId, batchId, payerId, sinceMs, untilMs }: DecisionFilter,
): Promise<readonly StandingPlace[]> =>
  rowsOf<StandingPlace>(database, lastSql, [claimId ?? null, batchId ?? null, payerId ?? null, sinceMs ?? null, untilMs ?? null]);

/** Places of everything that was decided about a claim, in the order in which it was decided. */
export const decisionsAboutClaim = (database: Queryable, claimId: string): Promise<readonly DecisionPlace[]> =>
  rowsOf<DecisionPlace>(
    database,
    `SELECT ${placeColumns} FROM claims.decision WHERE claim_id = $1 OR submitted_claim_id = $1
     ORDER BY decided_at, (kind = 'decision'), number, src_topic, src_partition, src_offset`,
    [claimId],
  );
