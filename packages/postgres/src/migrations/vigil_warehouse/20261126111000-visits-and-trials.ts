import type { Knex } from 'knex';

/** As for the other facts: where a row came from, out of the analysts' reach. */
const source = `
      src_topic text NOT NULL,
      src_partition integer NOT NULL,
      src_offset bigint NOT NULL,
      load_id bigint NOT NULL`;

const tables = `
    CREATE TABLE warehouse.dim_trial (
      trial_key bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
      code text NOT NULL UNIQUE
    );
    COMMENT ON TABLE warehouse.dim_trial IS 'Trials; empty = not told. Records tell nothing of a trial that could change.';
    COMMENT ON COLUMN warehouse.dim_trial.code IS 'Keyed hash of the identifier.';

    CREATE TABLE warehouse.fact_visit (
      visit_key uuid NOT NULL,
      patient_key bigint NOT NULL,
      diagnosis_key bigint NOT NULL,
      physician_key uuid,
      treatment_code text,
      department_class text,
      elapsed_ms bigint,
      approx_year smallint,${source}
    );
    COMMENT ON TABLE warehouse.fact_visit IS 'A row per record of a visit; the view visit has each visit once.';
    COMMENT ON COLUMN warehouse.fact_visit.physician_key IS 'Keyed hash of the identifier; NULL = not told.';
    COMMENT ON COLUMN warehouse.fact_visit.elapsed_ms IS
      'Milliseconds since a secret moment of this patient: only differences within one patient mean anything.';
    CREATE INDEX fact_visit_visit ON warehouse.fact_visit (visit_key);
    CREATE INDEX fact_visit_patient ON warehouse.fact_visit (patient_key, elapsed_ms);
    CREATE INDEX fact_visit_source ON warehouse.fact_visit USING brin (src_offset);

    CREATE TABLE warehouse.fact_trial_outcome (
      outcome_key uuid NOT NULL,
      patient_key bigint NOT NULL,
      trial_key bigint NOT NULL,
      change text,
      arm_key uuid,
      arm text,
      completion_status text,
      primary_endpoint_ten_thousandths bigint,
      adverse_events integer,
      serious_events integer,
      elapsed_enrolled_ms bigint,
      approx_year smallint,${source}
    );
    COMMENT ON TABLE warehouse.fact_trial_outcome IS
      'A row per state that a participant''s row had; the view trial_outcome has the last one, without those that were deleted.';
    COMMENT ON COLUMN warehouse.fact_trial_outcome.arm_key IS 'Keyed hash of the arm''s name: tells arms apart; arm is its class.';
    CREATE INDEX fact_trial_outcome_outcome ON warehouse.fact_trial_outcome (outcome_key, load_id DESC, src_offset DESC);
    CREATE INDEX fact_trial_outcome_patient ON warehouse.fact_trial_outcome (patient_key);
    CREATE INDEX fact_trial_outcome_source ON warehouse.fact_trial_outcome USING brin (src_offset);`;

const visitColumns = 'visit_key, patient_key, diagnosis_key, physician_key, treatment_code, department_class, elapsed_ms, approx_year';
const outcomeColumns = `outcome_key, patient_key, trial_key, change, arm_key, arm, completion_status, primary_endpoint_ten_thousandths,
      adverse_events, serious_events, elapsed_enrolled_ms, approx_year`;
const standingColumns = outcomeColumns.replace(
  'primary_endpoint_ten_thousandths',
  '(primary_endpoint_ten_thousandths / 10000.0)::numeric(10, 4) AS primary_endpoint',
);

/**
 * Last = last loaded. All records of one id lie on one partition, so they are loaded in their order, and a rewind loads
 * them in the same order again.
 */
const views = `
    CREATE VIEW warehouse.visit AS
      SELECT DISTINCT ON (visit_key) ${visitColumns}
      FROM warehouse.fact_visit ORDER BY visit_key, load_id DESC, src_offset DESC;
    COMMENT ON VIEW warehouse.visit IS 'Each visit once, as it was told last.';
    CREATE VIEW warehouse.trial_outcome AS
      SELECT * FROM (
        SELECT DISTINCT ON (outcome_key) ${standingColumns}
        FROM warehouse.fact_trial_outcome ORDER BY outcome_key, load_id DESC, src_offset DESC) last
      WHERE change IS DISTINCT FROM 'delete';
    COMMENT ON VIEW warehouse.trial_outcome IS 'Each participant of a trial as the source told last; without those it deleted.';`;

const grants = `
    GRANT SELECT ON warehouse.dim_trial, warehouse.visit, warehouse.trial_outcome TO analyst;
    GRANT SELECT (${visitColumns}) ON warehouse.fact_visit TO analyst;
    GRANT SELECT (${outcomeColumns}) ON warehouse.fact_trial_outcome TO analyst;
    GRANT SELECT, INSERT ON warehouse.dim_trial, warehouse.fact_visit, warehouse.fact_trial_outcome TO vigil_loader_warehouse;`;

/** Visits and outcomes of trials in the star schema. */
export async function up(knex: Knex): Promise<void> {
  for (const sql of [tables, views, grants]) await knex.raw(sql);
}

export async function down(knex: Knex): Promise<void> {
  await knex.raw('DROP VIEW warehouse.trial_outcome');
  await knex.raw('DROP VIEW warehouse.visit');
  for (const table of ['fact_trial_outcome', 'fact_visit', 'dim_trial']) await knex.raw(`DROP TABLE warehouse.${table}`);
}
