import type { Knex } from 'knex';
import { jobTablesSql } from '../job-tables-sql.ts';
import { ensureRoleSql } from '../role-sql.ts';

/** What batch jobs into the warehouse keep beside their rows. */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    ${ensureRoleSql('vigil_worker')}
    ${jobTablesSql('engine')}
    GRANT USAGE ON SCHEMA engine TO vigil_worker;
    GRANT SELECT, INSERT, UPDATE ON engine.job_checkpoint, engine.job_rejected TO vigil_worker;`);
}

export async function down(knex: Knex): Promise<void> {
  await knex.raw('DROP TABLE engine.job_rejected; DROP TABLE engine.job_checkpoint;');
}
