import type { Knex } from 'knex';

const vitals = ['heart_rate', 'respiratory_rate', 'oxygen_saturation', 'temperature_c', 'systolic', 'diastolic'];
const columns = (render: (vital: string) => string): string => vitals.map(render).join(',\n      ');

/** Operational tables: tokens, no names; the sealed identity apart, for a restricted role. */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    CREATE SCHEMA clinical;
    CREATE TABLE clinical.vital_reading (
      event_id text NOT NULL,
      patient_token text NOT NULL,
      device_id text NOT NULL,
      observed_at timestamptz NOT NULL,
      received_at timestamptz NOT NULL,
      historic boolean NOT NULL,
      ${columns((vital) => `${vital} double precision`)},
      supplemental_oxygen boolean,
      consciousness text,
      excluded jsonb NOT NULL,
      flags text[] NOT NULL,
      src_topic text NOT NULL,
      src_partition integer NOT NULL,
      src_offset bigint NOT NULL
    );
    COMMENT ON TABLE clinical.vital_reading IS 'A row per accepted reading; NULL = not measured or excluded.';
    CREATE INDEX vital_reading_patient ON clinical.vital_reading (patient_token, observed_at DESC);
    CREATE INDEX vital_reading_source ON clinical.vital_reading USING brin (src_offset);

    CREATE TABLE clinical.patient_latest (
      patient_token text PRIMARY KEY,
      observed_at timestamptz NOT NULL,
      received_at timestamptz NOT NULL,
      ${columns((vital) => `${vital} double precision,\n      ${vital}_at timestamptz`)},
      revision bigint NOT NULL DEFAULT 1
    ) WITH (fillfactor = 70);
    COMMENT ON TABLE clinical.patient_latest IS
      'Latest value of each vital sign with the time it was measured; only a later measurement replaces one.';

    CREATE TABLE clinical.patient_identity (
      patient_token text PRIMARY KEY,
      sealed bytea NOT NULL,
      key_id text NOT NULL,
      observed_at timestamptz NOT NULL
    );
    COMMENT ON TABLE clinical.patient_identity IS 'Identifying fields, sealed with AES-256-GCM; restricted.';
    COMMENT ON COLUMN clinical.patient_identity.key_id IS 'Name of the key that sealed it.';

    GRANT USAGE ON SCHEMA clinical TO vigil_loader_operational, vigil_device_ingest, vigil_identity_reader;
    GRANT SELECT, INSERT, DELETE ON clinical.vital_reading TO vigil_loader_operational;
    GRANT SELECT, INSERT, UPDATE ON clinical.patient_latest TO vigil_loader_operational;
    GRANT INSERT, UPDATE, SELECT (patient_token, observed_at) ON clinical.patient_identity TO vigil_loader_operational;
    GRANT SELECT ON clinical.patient_latest TO vigil_device_ingest;
    GRANT SELECT ON clinical.patient_identity TO vigil_identity_reader;`);
}

export async function down(knex: Knex): Promise<void> {
  await knex.raw('DROP SCHEMA clinical CASCADE');
}
