import type { Knex } from 'knex';

/** Small files share Kafka transactions: whoever takes one later has to know whose producer may still write of it. */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    ALTER TABLE orchestration.file ADD COLUMN shared_producer text;
    COMMENT ON COLUMN orchestration.file.shared_producer IS
      'Transactional id under which its first attempt may have published records of it beside those of other files. Each later attempt fences it first.';`);
}

export async function down(knex: Knex): Promise<void> {
  await knex.raw('ALTER TABLE orchestration.file DROP COLUMN shared_producer');
}
