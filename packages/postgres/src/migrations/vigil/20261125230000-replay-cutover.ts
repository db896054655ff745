import type { Knex } from 'knex';

const states = (table: string, column: string, names: readonly string[]): string => `
  ALTER TABLE operations.${table} DROP CONSTRAINT ${table}_${column}_check;
  ALTER TABLE operations.${table} ADD CONSTRAINT ${table}_${column}_check CHECK (${column} IN (${names.map((name) => `'${name}'`).join(', ')}));`;

const before = ['planned', 'running', 'done', 'abandoned'];

/** A run that takes the place of the live stage. */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(states('replay_job', 'state', [...before, 'cutting-over', 'cut-over']));
}

export async function down(knex: Knex): Promise<void> {
  await knex.raw("UPDATE operations.replay_job SET state = 'done' WHERE state IN ('cutting-over', 'cut-over')");
  await knex.raw(states('replay_job', 'state', before));
}
