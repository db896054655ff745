import type { Knex } from 'knex';
import { ensureRoleSql } from '../role-sql.ts';

const columns = 'system, code, description, effective_from, effective_to';

/** Words for codes, loaded from files as they are: `loadTables` of packages/definitions names the columns. */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    ${ensureRoleSql('vigil_worker')}
    CREATE TABLE warehouse.code_description (
      system text NOT NULL,
      code text NOT NULL,
      description text NOT NULL,
      effective_from date,
      effective_to date,
      src_file uuid NOT NULL,
      src_line bigint NOT NULL,
      loaded_at timestamptz NOT NULL DEFAULT now()
    );
    COMMENT ON TABLE warehouse.code_description IS
      'A row per line of a code list; the view code has each code once. src_file: orchestration.file of the other database.';
    COMMENT ON COLUMN warehouse.code_description.code IS 'As the list writes it; without the dot it joins dim_diagnosis.';
    CREATE INDEX code_description_code ON warehouse.code_description (system, code);
    CREATE VIEW warehouse.code AS
      SELECT DISTINCT ON (system, code) ${columns}
      FROM warehouse.code_description ORDER BY system, code, effective_from DESC NULLS LAST, loaded_at DESC, src_line DESC;
    COMMENT ON VIEW warehouse.code IS 'Each code once: what came into effect last, of that what was loaded last.';
    GRANT SELECT ON warehouse.code TO analyst;
    GRANT SELECT (${columns}) ON warehouse.code_description TO analyst;
    GRANT USAGE ON SCHEMA warehouse TO vigil_worker;
    GRANT INSERT ON warehouse.code_description TO vigil_worker;`);
}

export async function down(knex: Knex): Promise<void> {
  await knex.raw(`
    REVOKE USAGE ON SCHEMA warehouse FROM vigil_worker;
    DROP VIEW warehouse.code;
    DROP TABLE warehouse.code_description;`);
}
