import type { Knex } from 'knex';
import { ensureRoleSql } from '../role-sql.ts';

const source = `
      src_topic text NOT NULL,
      src_partition integer NOT NULL,
      src_offset bigint NOT NULL`;

/** Facts without foreign keys and unique indexes, like the readings: a position that moves with the rows makes repeats impossible. */
const decisionsSql = `
    CREATE TABLE claims.decision (
      decision_id text NOT NULL,
      submission_id text NOT NULL,
      claim_id text NOT NULL,
      submitted_claim_id text NOT NULL,
      scope text NOT NULL,
      patient_token text NOT NULL,
      policy_token text NOT NULL,
      member_token text NOT NULL,
      outcome text NOT NULL,
      kind text NOT NULL,
      number integer NOT NULL,
      reverses text,
      frequency text NOT NULL,
      claim_type text NOT NULL,
      format text NOT NULL,
      payer_id text NOT NULL,
      plan_id text NOT NULL,
      plan_year integer,
      network text NOT NULL,
      provider_id text NOT NULL,
      provider_id_type text NOT NULL,
      provider_type text NOT NULL,
      coverage_type text NOT NULL,
      place_of_service text NOT NULL,
      diagnosis_codes text[] NOT NULL,
      service_from integer,
      service_to integer,
      received_on integer NOT NULL,
      received_at timestamptz NOT NULL,
      decided_at timestamptz NOT NULL,
      charge_cents bigint NOT NULL,
      allowed_cents bigint NOT NULL,
      paid_cents bigint NOT NULL,
      patient_cents bigint NOT NULL,
      pend_reasons jsonb NOT NULL,
      claim_reasons jsonb NOT NULL,
      review_id text,
      reference_versions jsonb NOT NULL,
      batch_id text,${source}
    );
    COMMENT ON TABLE claims.decision IS
      'A row per record of claims.claim.adjudicated.v1: a decision, or the reversal of an earlier one in negative amounts. Tokens, no names.';
    COMMENT ON COLUMN claims.decision.service_from IS 'Days since 1970-01-01, like service_to and received_on.';
    CREATE INDEX decision_id ON claims.decision (decision_id);
    CREATE INDEX decision_submission ON claims.decision (submission_id);
    CREATE INDEX decision_claim ON claims.decision (claim_id);
    CREATE INDEX decision_submitted_claim ON claims.decision (submitted_claim_id);
    CREATE INDEX decision_reverses ON claims.decision (reverses) WHERE reverses IS NOT NULL;
    CREATE INDEX decision_decided ON claims.decision (decided_at);
    CREATE INDEX decision_source ON claims.decision (src_topic, src_partition, src_offset);

    CREATE TABLE claims.decision_line (
      decision_id text NOT NULL,
      line integer NOT NULL,
      procedure_code text NOT NULL,
      revenue_code text NOT NULL,
      modifiers text[] NOT NULL,
      units_thousandths bigint NOT NULL,
      service_from integer,
      charge_cents bigint NOT NULL,
      allowed_cents bigint NOT NULL,
      paid_cents bigint NOT NULL,
      patient_cents bigint NOT NULL,
      denied boolean NOT NULL,
      rarc text[] NOT NULL,
      reasons jsonb NOT NULL,${source}
    );
    COMMENT ON TABLE claims.decision_line IS 'A row per service line of a decision; it belongs to the decision of the same position.';
    CREATE INDEX decision_line_source ON claims.decision_line (src_topic, src_partition, src_offset);

    CREATE TABLE claims.decision_adjustment (
      decision_id text NOT NULL,
      line integer NOT NULL,
      place integer NOT NULL,
      group_code text NOT NULL,
      carc text NOT NULL,
      amount_cents bigint NOT NULL,${source}
    );
    COMMENT ON TABLE claims.decision_adjustment IS 'Of each line: charge = paid + the sum of its adjustments.';
    COMMENT ON COLUMN claims.decision_adjustment.place IS 'Place among the adjustments of the line, from 1.';
    CREATE INDEX decision_adjustment_source ON claims.decision_adjustment (src_topic, src_partition, src_offset);`;

const remittancesSql = `
    CREATE TABLE claims.remittance_cycle (
      cycle_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
      cycle text NOT NULL UNIQUE CHECK (cycle ~ '^[A-Za-z0-9][A-Za-z0-9._-]{0,31}$'),
      previous bigint UNIQUE REFERENCES claims.remittance_cycle,
      until jsonb NOT NULL,
      closed_at timestamptz NOT NULL DEFAULT date_trunc('minute', clock_timestamp()),
      closed_by text NOT NULL CHECK (closed_by = lower(btrim(closed_by)) AND closed_by <> ''),
      CONSTRAINT remittance_cycle_not_its_own_predecessor CHECK (previous < cycle_id)
    );
    COMMENT ON TABLE claims.remittance_cycle IS
      'Closed cycles of payment. A cycle holds the decisions from where the one before it ended up to its own end, so none is paid twice or forgotten.';
    COMMENT ON COLUMN claims.remittance_cycle.until IS 'Exclusive end by topic and partition: {"topic":{"0":17}}.';
    CREATE UNIQUE INDEX remittance_cycle_one_first ON claims.remittance_cycle ((previous IS NULL)) WHERE previous IS NULL;

    CREATE TABLE claims.remittance (
      trace_number text PRIMARY KEY,
      remittance_id bigint GENERATED ALWAYS AS IDENTITY UNIQUE,
      cycle_id bigint NOT NULL REFERENCES claims.remittance_cycle,
      payer_id text NOT NULL,
      payee_key text NOT NULL,
      paid_on integer NOT NULL,
      decisions integer NOT NULL CHECK (decisions > 0),
      decisions_hash text NOT NULL,
      claims_cents bigint NOT NULL,
      paid_cents bigint NOT NULL CHECK (paid_cents >= 0),
      owed_before_cents bigint NOT NULL CHECK (owed_before_cents >= 0),
      owed_before_trace text,
      owed_cents bigint NOT NULL CHECK (owed_cents >= 0),
      UNIQUE (cycle_id, payer_id, payee_key),
      CONSTRAINT remittance_balances CHECK (paid_cents - owed_cents = claims_cents - owed_before_cents),
      CONSTRAINT remittance_pays_or_forwards CHECK (paid_cents = 0 OR owed_cents = 0)
    );
    COMMENT ON TABLE claims.remittance IS
      'A payment to one billing provider in one cycle. owed_cents is forwarded to its next payment by PLB.';
    CREATE INDEX remittance_payee ON claims.remittance (payer_id, payee_key, cycle_id DESC);

    CREATE TABLE claims.remittance_held (
      cycle_id bigint NOT NULL REFERENCES claims.remittance_cycle,
      decision_id text NOT NULL,
      payer_id text NOT NULL,
      payee_key text NOT NULL,
      rule text NOT NULL,${source},
      PRIMARY KEY (cycle_id, src_topic, src_partition, src_offset)
    );
    COMMENT ON TABLE claims.remittance_held IS
      'Decisions that a cycle did not pay: they are wrong, or belong to a claim with one that is. The next cycle begins with them.';`;

/**
 * Outcomes count submissions as they stand, on the day of their last decision; money is what each day moved. A reversal of a
 * pended decision, or of nothing, moved none.
 */
const dailySql = `
    CREATE VIEW claims.daily AS
      WITH taken AS (SELECT reverses, min(decision_id) AS reversed_by FROM claims.decision WHERE reverses IS NOT NULL GROUP BY reverses),
      standing AS (
        SELECT last.day, last.payer_id, last.plan_id,
               CASE WHEN taken.reverses IS NULL THEN last.outcome ELSE 'reversed' END AS outcome, 1 AS submissions, 0 AS records,
               0 AS charge_cents, 0 AS allowed_cents, 0 AS paid_cents, 0 AS patient_cents, NULL::numeric AS turnaround_seconds
        FROM (
          SELECT DISTINCT ON (submission_id) decision_id, outcome, payer_id, plan_id, (decided_at AT TIME ZONE 'UTC')::date AS day
          FROM claims.decision
          ORDER BY submission_id, decided_at DESC, (kind = 'decision') DESC, number DESC, src_offset DESC) last
        LEFT JOIN taken ON taken.reverses = last.decision_id),
      moved AS (
        SELECT (d.decided_at AT TIME ZONE 'UTC')::date AS day, d.payer_id, d.plan_id, NULL::text AS outcome, 0 AS submissions, 1 AS records,
               m.moves * d.charge_cents AS charge_cents, m.moves * d.allowed_cents AS allowed_cents, m.moves * d.paid_cents AS paid_cents,
               m.moves * d.patient_cents AS patient_cents,
               CASE WHEN d.kind = 'decision' THEN extract(epoch FROM d.decided_at - d.received_at) END AS turnaround_seconds
        FROM claims.decision d
        LEFT JOIN (SELECT DISTINCT decision_id FROM claims.decision WHERE outcome = 'pended') pended ON pended.decision_id = d.reverses,
        LATERAL (SELECT CASE WHEN d.outcome = 'pended' OR pended.decision_id IS NOT NULL OR (d.kind = 'reversal' AND d.reverses IS NULL)
                             THEN 0 ELSE 1 END AS moves) m)
      SELECT day, payer_id, plan_id, sum(records) AS records, sum(submissions) AS submissions,
             count(*) FILTER (WHERE outcome = 'paid') AS paid,
             count(*) FILTER (WHERE outcome = 'denied') AS denied,
             count(*) FILTER (WHERE outcome = 'pended') AS pended,
             count(*) FILTER (WHERE outcome = 'reversed') AS reversed,
             sum(charge_cents) AS charge_cents, sum(allowed_cents) AS allowed_cents, sum(paid_cents) AS paid_cents,
             sum(patient_cents) AS patient_cents, avg(turnaround_seconds) AS mean_turnaround_seconds
      FROM (SELECT * FROM standing UNION ALL SELECT * FROM moved) facts GROUP BY 1, 2, 3;
    COMMENT ON VIEW claims.daily IS
      'Figures by day (UTC), payer and plan. Outcomes: submissions by the day of their last decision, as they stand: one that was taken back since is reversed. Money and records: what the day moved; reversals count negative, pended claims not.';`;

/** People read decisions and close cycles with rights of their own: neither changes what was decided or paid. */
const readersSql = `
    ${ensureRoleSql('vigil_claims_reader')}
    ${ensureRoleSql('vigil_remitter')}
    GRANT USAGE ON SCHEMA claims TO vigil_claims_reader, vigil_remitter;
    GRANT SELECT ON claims.decision, claims.decision_line, claims.decision_adjustment TO vigil_claims_reader, vigil_remitter;
    GRANT USAGE ON SCHEMA engine TO vigil_remitter;
    GRANT SELECT ON engine.sink_offset TO vigil_remitter;
    GRANT SELECT, INSERT ON claims.remittance_cycle, claims.remittance, claims.remittance_held TO vigil_remitter;`;

/** Decisions about claims with lines and adjustments, the payments that were made of them, and figures by day. */
export async function up(knex: Knex): Promise<void> {
  await knex.raw('CREATE SCHEMA IF NOT EXISTS claims');
  for (const sql of [decisionsSql, remittancesSql, dailySql]) await knex.raw(sql);
  await knex.raw(`
    GRANT USAGE ON SCHEMA claims TO vigil_loader_operational;
    GRANT SELECT, INSERT, DELETE ON claims.decision, claims.decision_line, claims.decision_adjustment TO vigil_loader_operational;`);
  await knex.raw(readersSql);
}

/** The schema stays: others keep tables in it. */
export async function down(knex: Knex): Promise<void> {
  await knex.raw('DROP VIEW claims.daily');
  for (const table of ['remittance_held', 'remittance', 'remittance_cycle', 'decision_adjustment', 'decision_line', 'decision'])
    await knex.raw(`DROP TABLE claims.${table}`);
}
