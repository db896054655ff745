import type { Knex } from 'knex';

/** What following tables by their log needs beside its checkpoints: keys of rows that may vanish, and the slots that were made. */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    ALTER TABLE orchestration.table_row ADD COLUMN sealed_key text;
    COMMENT ON COLUMN orchestration.table_row.sealed_key IS
      'Key of a row of a followed table, sealed with the data key: so it can be told as deleted once it is gone. NULL = of a table that is not followed.';
    CREATE TABLE orchestration.replication_slot (
      source text NOT NULL,
      slot text NOT NULL,
      table_name text NOT NULL,
      publication text NOT NULL,
      access jsonb NOT NULL,
      opened_at timestamptz NOT NULL DEFAULT clock_timestamp(),
      PRIMARY KEY (source, slot, access)
    );
    COMMENT ON TABLE orchestration.replication_slot IS
      'Slots that tasks made or used. A source that is no longer in sources.yaml leaves its slot behind, which keeps log for ever.';
    COMMENT ON COLUMN orchestration.replication_slot.access IS 'How the source was reached: references as of sources.yaml, no secret.';
    GRANT SELECT ON orchestration.replication_slot TO vigil_orchestrator, vigil_operator;
    GRANT DELETE ON orchestration.replication_slot TO vigil_operator;
    GRANT SELECT, INSERT, UPDATE, DELETE ON orchestration.replication_slot TO vigil_worker;`);
}

export async function down(knex: Knex): Promise<void> {
  await knex.raw('DROP TABLE orchestration.replication_slot; ALTER TABLE orchestration.table_row DROP COLUMN sealed_key;');
}
