import type { Knex } from 'knex';
import { engineTablesSql, ensureRoleSql } from '../role-sql.ts';

const sinks = ['vigil_loader_operational', 'vigil_loader_archive', 'vigil_alert_router'];

/** Roles, one per service; positions of the sinks that write here; index of the archive's segments. */
export async function up(knex: Knex): Promise<void> {
  for (const role of [...sinks, 'vigil_device_ingest', 'vigil_identity_reader']) await knex.raw(ensureRoleSql(role));
  await knex.raw(engineTablesSql(sinks));
  await knex.raw(`
    CREATE TABLE engine.archive_segment (
      segment_id uuid PRIMARY KEY,
      path text NOT NULL UNIQUE,
      topic text NOT NULL,
      part integer NOT NULL,
      epoch bigint NOT NULL,
      registered_at timestamptz NOT NULL DEFAULT now(),
      entered_at timestamptz,
      first_offset bigint,
      next_offset bigint,
      first_timestamp bigint,
      last_timestamp bigint,
      records bigint,
      bytes bigint,
      sha256 text,
      key_id text
    );
    COMMENT ON TABLE engine.archive_segment IS
      'Index of the archive by offset and time only; a segment counts once entered_at is set.';
    CREATE INDEX archive_segment_place ON engine.archive_segment (topic, part, first_offset);
    GRANT SELECT, INSERT, UPDATE, DELETE ON engine.archive_segment TO vigil_loader_archive;
    CREATE SCHEMA IF NOT EXISTS alerting;
    GRANT USAGE ON SCHEMA alerting TO vigil_alert_router;`);
}

/** Roles stay: they belong to the whole cluster. */
export async function down(knex: Knex): Promise<void> {
  await knex.raw('DROP SCHEMA IF EXISTS alerting CASCADE');
  await knex.raw('DROP SCHEMA engine CASCADE');
}
