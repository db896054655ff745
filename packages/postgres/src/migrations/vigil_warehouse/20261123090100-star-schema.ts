import type { Knex } from 'knex';

const vitals = ['heart_rate', 'respiratory_rate', 'oxygen_saturation', 'temperature_c', 'systolic', 'diastolic'];

/**
 * Positions tell the date of a live stream, so analysts do not see them (column grants below).
 *
 * Facts have no foreign keys: their keys come from the same transaction, and the checks would cost a third of the
 * loading speed. They have no unique index on ids either: a position that moves with the rows makes repeats impossible.
 */
const source = `
      src_topic text NOT NULL,
      src_partition integer NOT NULL,
      src_offset bigint NOT NULL,
      load_id bigint NOT NULL`;

const tables = `
    CREATE SCHEMA warehouse;
    CREATE TABLE warehouse.load (
      load_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
      topic text NOT NULL,
      partition integer NOT NULL,
      first_offset bigint NOT NULL,
      next_offset bigint NOT NULL,
      rows bigint NOT NULL,
      loaded_at timestamptz NOT NULL DEFAULT now()
    );
    COMMENT ON TABLE warehouse.load IS 'One row per source partition and commit.';

    CREATE TABLE warehouse.dim_patient (
      patient_key bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
      pseudonym text NOT NULL,
      sex text,
      age_group text,
      zip3 text,
      valid_from_load bigint NOT NULL,
      valid_to_load bigint,
      is_current boolean NOT NULL DEFAULT true,
      src_topic text,
      src_partition integer,
      src_offset bigint
    );
    COMMENT ON TABLE warehouse.dim_patient IS
      'Slowly changing, type 2. Facts keep the key of the patient''s current row; each earlier version stands in a row of its own.';
    CREATE UNIQUE INDEX dim_patient_current ON warehouse.dim_patient (pseudonym) WHERE is_current;
    CREATE INDEX dim_patient_pseudonym ON warehouse.dim_patient (pseudonym);

    CREATE TABLE warehouse.dim_device (
      device_key bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
      class text NOT NULL,
      model text NOT NULL,
      UNIQUE (class, model)
    );
    COMMENT ON TABLE warehouse.dim_device IS 'Kinds of devices; empty = not told.';

    CREATE TABLE warehouse.dim_vital (
      vital_key smallint PRIMARY KEY,
      code text NOT NULL UNIQUE,
      loinc text NOT NULL,
      unit text NOT NULL
    );
    COMMENT ON COLUMN warehouse.dim_vital.code IS 'Column name in fact_vital_reading.';
    INSERT INTO warehouse.dim_vital (vital_key, code, loinc, unit) VALUES
      (1, 'heart_rate', '8867-4', '/min'),
      (2, 'respiratory_rate', '9279-1', '/min'),
      (3, 'oxygen_saturation', '2708-6', '%'),
      (4, 'temperature_c', '8310-5', 'Cel'),
      (5, 'systolic', '8480-6', 'mm[Hg]'),
      (6, 'diastolic', '8462-4', 'mm[Hg]');

    CREATE TABLE warehouse.fact_vital_reading (
      reading_id uuid NOT NULL,
      patient_key bigint NOT NULL,
      device_key bigint NOT NULL,
      elapsed_ms bigint,
      approx_year smallint,
      ${vitals.map((vital) => `${vital} double precision`).join(',\n      ')},
      supplemental_oxygen boolean,
      consciousness text,
      historic boolean,
      excluded text[] NOT NULL,
      excluded_codes text[] NOT NULL,
      flags text[] NOT NULL,${source}
    );
    COMMENT ON TABLE warehouse.fact_vital_reading IS 'A row per reading; NULL = not measured.';
    COMMENT ON COLUMN warehouse.fact_vital_reading.elapsed_ms IS
      'Milliseconds since a secret moment of this patient: only differences within one patient mean anything.';
    COMMENT ON COLUMN warehouse.fact_vital_reading.excluded IS
      'Columns whose measurement was judged impossible; why stands at the same place in excluded_codes.';
    CREATE INDEX fact_vital_reading_patient ON warehouse.fact_vital_reading (patient_key, elapsed_ms);
    CREATE INDEX fact_vital_reading_source ON warehouse.fact_vital_reading USING brin (src_offset);

    CREATE TABLE warehouse.fact_vital_window (
      window_id uuid NOT NULL,
      patient_key bigint NOT NULL,
      vital_key smallint,
      elapsed_start_ms bigint,
      approx_year smallint,
      size_ms bigint,
      revision integer,
      closed_by text,
      n bigint,
      min double precision,
      max double precision,
      mean double precision,
      stddev double precision,
      last double precision,${source}
    );
    COMMENT ON TABLE warehouse.fact_vital_window IS 'A row per revision; the view vital_window has the last ones only.';
    CREATE INDEX fact_vital_window_revision ON warehouse.fact_vital_window (window_id, revision DESC);
    CREATE INDEX fact_vital_window_patient ON warehouse.fact_vital_window (patient_key, elapsed_start_ms);
    CREATE INDEX fact_vital_window_source ON warehouse.fact_vital_window USING brin (src_offset);

    CREATE TABLE warehouse.fact_alert (
      alert_id uuid NOT NULL,
      patient_key bigint NOT NULL,
      rule text,
      vital text,
      kind text,
      severity text,
      historic boolean,
      change text,
      value double precision,
      threshold double precision,
      missing text[] NOT NULL,
      flags text[] NOT NULL,
      elapsed_raised_ms bigint,
      elapsed_cleared_ms bigint,${source}
    );
    COMMENT ON TABLE warehouse.fact_alert IS 'A row per end of an episode (change = raised, cleared); the view alert joins them.';
    CREATE INDEX fact_alert_id ON warehouse.fact_alert (alert_id);
    CREATE INDEX fact_alert_source ON warehouse.fact_alert USING brin (src_offset);`;

const views = `
    CREATE VIEW warehouse.vital_window AS
      SELECT DISTINCT ON (window_id) window_id, patient_key, vital_key, elapsed_start_ms, approx_year, size_ms, revision, closed_by,
             n, min, max, mean, stddev, last
      FROM warehouse.fact_vital_window ORDER BY window_id, revision DESC;
    COMMENT ON VIEW warehouse.vital_window IS 'The last revision of each window.';
    CREATE VIEW warehouse.alert AS
      SELECT DISTINCT ON (alert_id) alert_id, patient_key, rule, vital, kind, severity, historic, value, threshold, missing, flags,
             elapsed_raised_ms, max(elapsed_cleared_ms) OVER (PARTITION BY alert_id) AS elapsed_cleared_ms
      FROM warehouse.fact_alert ORDER BY alert_id, (change = 'raised') DESC;
    COMMENT ON VIEW warehouse.alert IS 'One row per episode; elapsed_cleared_ms NULL = not cleared yet.';
    CREATE VIEW warehouse.lake_file AS
      SELECT topic AS dataset, dataset_version, path, rows, bytes FROM engine.lake_file WHERE entered_at IS NOT NULL;
    COMMENT ON VIEW warehouse.lake_file IS 'What the lake holds: files that are not listed here do not count.';`;

const patientColumns = 'patient_key, pseudonym, sex, age_group, zip3, is_current';
const readingColumns = `reading_id, patient_key, device_key, elapsed_ms, approx_year, ${vitals.join(', ')},
      supplemental_oxygen, consciousness, historic, excluded, excluded_codes, flags`;
const windowColumns = `window_id, patient_key, vital_key, elapsed_start_ms, approx_year, size_ms, revision, closed_by, n, min, max, mean,
      stddev, last`;
const alertColumns = `alert_id, patient_key, rule, vital, kind, severity, historic, change, value, threshold, missing, flags,
      elapsed_raised_ms, elapsed_cleared_ms`;

const grants = `
    GRANT USAGE ON SCHEMA warehouse TO analyst, vigil_loader_warehouse;
    GRANT SELECT (${patientColumns}) ON warehouse.dim_patient TO analyst;
    GRANT SELECT ON warehouse.dim_device, warehouse.dim_vital TO analyst;
    GRANT SELECT (${readingColumns}) ON warehouse.fact_vital_reading TO analyst;
    GRANT SELECT (${windowColumns}) ON warehouse.fact_vital_window TO analyst;
    GRANT SELECT (${alertColumns}) ON warehouse.fact_alert TO analyst;
    GRANT SELECT ON warehouse.vital_window, warehouse.alert, warehouse.lake_file TO analyst;
    GRANT SELECT, INSERT ON ALL TABLES IN SCHEMA warehouse TO vigil_loader_warehouse;
    GRANT UPDATE ON warehouse.dim_patient, warehouse.load TO vigil_loader_warehouse;`;

/** The warehouse: facts and dimensions of de-identified data. */
export async function up(knex: Knex): Promise<void> {
  for (const sql of [tables, views, grants]) await knex.raw(sql);
}

export async function down(knex: Knex): Promise<void> {
  await knex.raw('DROP SCHEMA warehouse CASCADE');
}
