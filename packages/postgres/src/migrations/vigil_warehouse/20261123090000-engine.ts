import type { Knex } from 'knex';
import { engineTablesSql, ensureRoleSql } from '../role-sql.ts';

const sinks = ['vigil_loader_warehouse', 'vigil_loader_lake'];

/** Roles; positions of the sinks that write here; the manifest of the lake. */
export async function up(knex: Knex): Promise<void> {
  for (const role of [...sinks, 'analyst']) await knex.raw(ensureRoleSql(role));
  await knex.raw(engineTablesSql(sinks));
  await knex.raw(`
    CREATE TABLE engine.lake_file (
      file_id uuid PRIMARY KEY,
      path text NOT NULL UNIQUE,
      topic text NOT NULL,
      part integer NOT NULL,
      src_topic text NOT NULL,
      epoch bigint NOT NULL,
      dataset_version text NOT NULL,
      registered_at timestamptz NOT NULL DEFAULT now(),
      entered_at timestamptz,
      first_offset bigint,
      next_offset bigint,
      rows bigint,
      bytes bigint,
      sha256 text
    );
    COMMENT ON TABLE engine.lake_file IS
      'Manifest of the lake: a file counts once entered_at is set. Readers use warehouse.lake_file, which shows no position.';
    CREATE INDEX lake_file_place ON engine.lake_file (src_topic, part, first_offset);
    GRANT SELECT, INSERT, UPDATE, DELETE ON engine.lake_file TO vigil_loader_lake;`);
}

/** Roles stay: they belong to the whole cluster. */
export async function down(knex: Knex): Promise<void> {
  await knex.raw('DROP SCHEMA engine CASCADE');
}
