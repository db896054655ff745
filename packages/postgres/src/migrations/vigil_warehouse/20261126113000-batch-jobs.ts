import type { Knex } from 'knex';
import { ensureRoleSql } from '../role-sql.ts';

/** What batch jobs into the warehouse keep beside their rows: twins of the tables in `orchestration` of the other database. */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    ${ensureRoleSql('vigil_worker')}
    CREATE TABLE engine.job_checkpoint (
      job text NOT NULL,
      part integer NOT NULL,
      epoch bigint NOT NULL,
      position text NOT NULL,
      counts jsonb NOT NULL,
      done boolean NOT NULL DEFAULT false,
      run_id text NOT NULL DEFAULT '',
      changed_at timestamptz NOT NULL DEFAULT clock_timestamp(),
      PRIMARY KEY (job, part)
    );
    COMMENT ON TABLE engine.job_checkpoint IS 'How far a partition of a job into this database has come; changed in the transaction of its rows, fenced by epoch.';
    CREATE TABLE engine.job_rejected (
      job text NOT NULL,
      part integer NOT NULL,
      position text NOT NULL,
      place text NOT NULL,
      line bigint NOT NULL,
      code text NOT NULL,
      field text NOT NULL,
      detail text NOT NULL,
      run_id text NOT NULL,
      rejected_at timestamptz NOT NULL DEFAULT clock_timestamp(),
      PRIMARY KEY (job, part, position)
    );
    COMMENT ON TABLE engine.job_rejected IS 'Items of jobs into this database that became no row: where they stand and what is wrong, never what they hold.';
    GRANT USAGE ON SCHEMA engine TO vigil_worker;
    GRANT SELECT, INSERT, UPDATE ON engine.job_checkpoint, engine.job_rejected TO vigil_worker;`);
}

export async function down(knex: Knex): Promise<void> {
  await knex.raw('DROP TABLE engine.job_rejected; DROP TABLE engine.job_checkpoint;');
}
