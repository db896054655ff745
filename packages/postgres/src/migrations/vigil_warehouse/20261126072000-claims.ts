import type { Knex } from 'knex';

/** As for the other facts: where a row came from, out of the analysts' reach. */
const source = `
      src_topic text NOT NULL,
      src_partition integer NOT NULL,
      src_offset bigint NOT NULL,
      load_id bigint NOT NULL`;

/** A dimension of codes: a row per code, for ever. */
const codeDimension = (table: string, key: string, what: string): string => `
    CREATE TABLE warehouse.${table} (
      ${key} bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
      code text NOT NULL UNIQUE
    );
    COMMENT ON TABLE warehouse.${table} IS '${what}; empty = not told.';`;

/** A dimension with an attribute that changes: a row per version. */
const versionedDimension = ({
  table,
  key,
  natural,
  attribute,
}: Readonly<Record<'table' | 'key' | 'natural' | 'attribute', string>>): string => `
    CREATE TABLE warehouse.${table} (
      ${key} bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
      ${natural} text NOT NULL,
      ${attribute} text NOT NULL,
      valid_from_load bigint NOT NULL,
      valid_to_load bigint,
      is_current boolean NOT NULL,
      UNIQUE (${natural}, ${attribute})
    );
    CREATE UNIQUE INDEX ${table}_current ON warehouse.${table} (${natural}) WHERE is_current;`;

const dimensions = `
    ${codeDimension('dim_procedure', 'procedure_key', 'HCPCS and CPT codes, without any words of theirs')}
    ${codeDimension('dim_diagnosis', 'diagnosis_key', 'ICD-10-CM codes without the dot')}
    ${codeDimension('dim_payer', 'payer_key', 'Payers')}
    ${versionedDimension({ table: 'dim_provider', key: 'provider_key', natural: 'provider', attribute: 'provider_type' })}
    ${versionedDimension({ table: 'dim_plan', key: 'plan_key', natural: 'plan', attribute: 'payer' })}
    COMMENT ON TABLE warehouse.dim_provider IS
      'Slowly changing, type 2: a row per type that a provider had. A fact keeps the key of the version that its own record told; is_current = as last loaded.';
    COMMENT ON COLUMN warehouse.dim_provider.provider IS 'Keyed hash of the identifier; empty = not told.';
    COMMENT ON TABLE warehouse.dim_plan IS
      'Slowly changing, type 2: a row per payer that a plan had. A fact keeps the key of the version that its own record told; is_current = as last loaded.';`;

const facts = `
    CREATE TABLE warehouse.fact_claim (
      decision_id uuid NOT NULL,
      submission_id uuid,
      claim_id uuid,
      reverses uuid,
      patient_key bigint NOT NULL,
      provider_key bigint NOT NULL,
      payer_key bigint NOT NULL,
      plan_key bigint NOT NULL,
      outcome text,
      kind text,
      number integer,
      frequency text,
      claim_type text,
      format text,
      network text,
      coverage_type text,
      place_of_service text,
      approx_year smallint,
      elapsed_received_ms bigint,
      elapsed_decided_ms bigint,
      charge_cents bigint,
      allowed_cents bigint,
      paid_cents bigint,
      patient_cents bigint,
      lines integer NOT NULL,
      pend_reasons text[] NOT NULL,
      rules text[] NOT NULL,${source}
    );
    COMMENT ON TABLE warehouse.fact_claim IS
      'A row per decision about a claim, and per reversal of one in negative amounts; the view claim has each submission as it stands.';
    COMMENT ON COLUMN warehouse.fact_claim.claim_id IS 'Equal for all submissions under one claim id.';
    COMMENT ON COLUMN warehouse.fact_claim.elapsed_decided_ms IS
      'Milliseconds since a secret moment of this patient: only differences within one patient mean anything.';
    COMMENT ON COLUMN warehouse.fact_claim.rules IS 'Codes of the rules that looked at the claim as a whole.';
    CREATE INDEX fact_claim_patient ON warehouse.fact_claim (patient_key, elapsed_decided_ms);
    CREATE INDEX fact_claim_submission ON warehouse.fact_claim (submission_id);
    CREATE INDEX fact_claim_source ON warehouse.fact_claim USING brin (src_offset);

    CREATE TABLE warehouse.fact_claim_line (
      decision_id uuid NOT NULL,
      line integer NOT NULL,
      patient_key bigint NOT NULL,
      procedure_key bigint NOT NULL,
      revenue_code text,
      modifiers text[] NOT NULL,
      units_thousandths bigint,
      charge_cents bigint,
      allowed_cents bigint,
      paid_cents bigint,
      patient_cents bigint,
      denied boolean,
      rarc text[] NOT NULL,
      rules text[] NOT NULL,${source}
    );
    COMMENT ON TABLE warehouse.fact_claim_line IS 'A row per service line of a decision; money in integer cents.';
    CREATE INDEX fact_claim_line_decision ON warehouse.fact_claim_line (decision_id, line);
    CREATE INDEX fact_claim_line_source ON warehouse.fact_claim_line USING brin (src_offset);

    CREATE TABLE warehouse.fact_claim_adjustment (
      decision_id uuid NOT NULL,
      line integer NOT NULL,
      place integer NOT NULL,
      patient_key bigint NOT NULL,
      group_code text,
      carc text,
      amount_cents bigint,${source}
    );
    COMMENT ON TABLE warehouse.fact_claim_adjustment IS 'Of each line: charge = paid + the sum of its adjustments.';
    CREATE INDEX fact_claim_adjustment_decision ON warehouse.fact_claim_adjustment (decision_id, line);
    CREATE INDEX fact_claim_adjustment_source ON warehouse.fact_claim_adjustment USING brin (src_offset);

    CREATE TABLE warehouse.bridge_claim_diagnosis (
      decision_id uuid NOT NULL,
      place integer NOT NULL,
      diagnosis_key bigint NOT NULL,${source}
    );
    COMMENT ON TABLE warehouse.bridge_claim_diagnosis IS 'Diagnoses of a decision; place 1 = principal.';
    CREATE INDEX bridge_claim_diagnosis_decision ON warehouse.bridge_claim_diagnosis (decision_id);
    CREATE INDEX bridge_claim_diagnosis_source ON warehouse.bridge_claim_diagnosis USING brin (src_offset);`;

const claimColumns = `decision_id, submission_id, claim_id, reverses, patient_key, provider_key, payer_key, plan_key, outcome, kind, number,
      frequency, claim_type, format, network, coverage_type, place_of_service, approx_year, elapsed_received_ms, elapsed_decided_ms,
      charge_cents, allowed_cents, paid_cents, patient_cents, lines, pend_reasons, rules`;
const lineColumns = `decision_id, line, patient_key, procedure_key, revenue_code, modifiers, units_thousandths, charge_cents, allowed_cents,
      paid_cents, patient_cents, denied, rarc, rules`;
const adjustmentColumns = 'decision_id, line, place, patient_key, group_code, carc, amount_cents';

/** Columns of the view `claim`: as of the fact, but for what was taken back. */
const standingColumns = claimColumns
  .split(/,\s+/)
  .map((column) => {
    if (column === 'outcome')
      return "CASE WHEN last.kind = 'reversal' OR taken.reverses IS NOT NULL THEN 'reversed' ELSE last.outcome END AS outcome";
    if (!column.endsWith('_cents')) return `last.${column}`;
    return `CASE WHEN last.kind = 'reversal' OR taken.reverses IS NOT NULL THEN 0 ELSE last.${column} END AS ${column}`;
  })
  .join(', ');

/**
 * Volumes count submissions as they stand: by their last decision, and reversed without money where that was taken back. So
 * money adds up to what was really charged and paid. A pended claim moved no money.
 */
const views = `
    CREATE VIEW warehouse.claim AS
      SELECT ${standingColumns}, taken.reversed_by
      FROM (
        SELECT DISTINCT ON (submission_id) *
        FROM warehouse.fact_claim
        ORDER BY submission_id, elapsed_decided_ms DESC NULLS LAST, (kind = 'decision') DESC NULLS LAST, number DESC NULLS LAST, decision_id
      ) last
      LEFT JOIN (SELECT DISTINCT ON (reverses) reverses, decision_id AS reversed_by FROM warehouse.fact_claim WHERE reverses IS NOT NULL
                 ORDER BY reverses, decision_id) taken ON taken.reverses = last.decision_id;
    COMMENT ON VIEW warehouse.claim IS
      'Submissions as they stand: the last decision of each; reversed, without money, where a replacement or void took it back (reversed_by).';

    CREATE VIEW warehouse.mart_claims AS
      WITH volumes AS (
        SELECT approx_year, payer_key, plan_key,
               count(*) AS claims,
               count(*) FILTER (WHERE outcome = 'paid') AS paid,
               count(*) FILTER (WHERE outcome = 'denied') AS denied,
               count(*) FILTER (WHERE outcome = 'pended') AS pended,
               count(*) FILTER (WHERE outcome = 'reversed') AS reversed,
               sum(charge_cents) FILTER (WHERE outcome <> 'pended') AS charge_cents,
               sum(allowed_cents) FILTER (WHERE outcome <> 'pended') AS allowed_cents,
               sum(paid_cents) FILTER (WHERE outcome <> 'pended') AS paid_cents,
               sum(patient_cents) FILTER (WHERE outcome <> 'pended') AS patient_cents,
               percentile_cont(0.5) WITHIN GROUP (ORDER BY elapsed_decided_ms - elapsed_received_ms) AS median_turnaround_ms,
               percentile_cont(0.9) WITHIN GROUP (ORDER BY elapsed_decided_ms - elapsed_received_ms) AS p90_turnaround_ms
        FROM warehouse.claim GROUP BY 1, 2, 3),
      decided_lines AS (
        SELECT c.approx_year, c.payer_key, c.plan_key, l.decision_id, l.line, l.denied
        FROM warehouse.claim c JOIN warehouse.fact_claim_line l USING (decision_id) WHERE c.outcome IN ('paid', 'denied')),
      denial AS (
        SELECT approx_year, payer_key, plan_key, count(*) AS lines, count(*) FILTER (WHERE denied) AS denied_lines
        FROM decided_lines GROUP BY 1, 2, 3),
      by_carc AS (
        SELECT approx_year, payer_key, plan_key, jsonb_object_agg(reason, denied_lines ORDER BY reason) AS denied_lines_by_carc
        FROM (
          SELECT d.approx_year, d.payer_key, d.plan_key, a.group_code || '-' || a.carc AS reason, count(DISTINCT (d.decision_id, d.line)) AS denied_lines
          FROM decided_lines d JOIN warehouse.fact_claim_adjustment a USING (decision_id, line)
          WHERE d.denied AND a.carc IS NOT NULL AND a.group_code IS NOT NULL GROUP BY 1, 2, 3, 4) reasons
        GROUP BY 1, 2, 3)
      SELECT v.approx_year, y.code AS payer, p.plan, v.claims, v.paid, v.denied, v.pended, v.reversed,
             COALESCE(d.lines, 0) AS lines, COALESCE(d.denied_lines, 0) AS denied_lines,
             round(d.denied_lines::numeric / NULLIF(d.lines, 0), 4) AS denial_rate,
             COALESCE(b.denied_lines_by_carc, '{}') AS denied_lines_by_carc,
             COALESCE((SELECT jsonb_object_agg(key, round(value::numeric / d.lines, 4)) FROM jsonb_each_text(b.denied_lines_by_carc)), '{}')
               AS denial_rate_by_carc,
             COALESCE(v.charge_cents, 0) AS charge_cents, COALESCE(v.allowed_cents, 0) AS allowed_cents,
             COALESCE(v.paid_cents, 0) AS paid_cents, COALESCE(v.patient_cents, 0) AS patient_cents,
             round(v.paid_cents / NULLIF(v.charge_cents, 0), 4) AS paid_per_charged,
             v.median_turnaround_ms, v.p90_turnaround_ms
      FROM volumes v
      JOIN warehouse.dim_payer y USING (payer_key) JOIN warehouse.dim_plan p USING (plan_key)
      LEFT JOIN denial d ON (d.approx_year, d.payer_key, d.plan_key) IS NOT DISTINCT FROM (v.approx_year, v.payer_key, v.plan_key)
      LEFT JOIN by_carc b ON (b.approx_year, b.payer_key, b.plan_key) IS NOT DISTINCT FROM (v.approx_year, v.payer_key, v.plan_key);
    COMMENT ON VIEW warehouse.mart_claims IS
      'By approximate year of service, payer and plan: submissions as they stand, their denied lines by reason, turn-around, and their money.';`;

const grants = `
    GRANT SELECT ON warehouse.dim_procedure, warehouse.dim_diagnosis, warehouse.dim_payer TO analyst;
    GRANT SELECT (provider_key, provider, provider_type, is_current) ON warehouse.dim_provider TO analyst;
    GRANT SELECT (plan_key, plan, payer, is_current) ON warehouse.dim_plan TO analyst;
    GRANT SELECT (${claimColumns}) ON warehouse.fact_claim TO analyst;
    GRANT SELECT (${lineColumns}) ON warehouse.fact_claim_line TO analyst;
    GRANT SELECT (${adjustmentColumns}) ON warehouse.fact_claim_adjustment TO analyst;
    GRANT SELECT (decision_id, place, diagnosis_key) ON warehouse.bridge_claim_diagnosis TO analyst;
    GRANT SELECT ON warehouse.claim, warehouse.mart_claims TO analyst;
    GRANT SELECT, INSERT ON warehouse.dim_procedure, warehouse.dim_diagnosis, warehouse.dim_payer, warehouse.dim_provider, warehouse.dim_plan,
      warehouse.fact_claim, warehouse.fact_claim_line, warehouse.fact_claim_adjustment, warehouse.bridge_claim_diagnosis
      TO vigil_loader_warehouse;
    GRANT UPDATE ON warehouse.dim_provider, warehouse.dim_plan TO vigil_loader_warehouse;`;

/** Claims in the star schema. */
export async function up(knex: Knex): Promise<void> {
  for (const sql of [dimensions, facts, views, grants]) await knex.raw(sql);
}

export async function down(knex: Knex): Promise<void> {
  await knex.raw('DROP VIEW warehouse.mart_claims');
  await knex.raw('DROP VIEW warehouse.claim');
  for (const table of [
    'bridge_claim_diagnosis',
    'fact_claim_adjustment',
    'fact_claim_line',
    'fact_claim',
    'dim_plan',
    'dim_provider',
    'dim_payer',
    'dim_diagnosis',
    'dim_procedure',
  ]) {
    // prettier-ignore
    await knex.raw(`DROP TABLE warehouse.${table}`);
  }
}
