import type { Knex } from 'knex';
import { ensureRoleSql } from '../role-sql.ts';

/**
 * Who asked for a requeue or a discard, who approved it, and what became of each record. That one person cannot do both
 * is a rule of the database, so no program can forget it; that a record is sent back once is its primary key.
 */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(ensureRoleSql('vigil_operator'));
  await knex.raw(`
    CREATE SCHEMA IF NOT EXISTS operations;
    CREATE TABLE operations.dlq_request (
      request_id uuid PRIMARY KEY,
      action text NOT NULL CHECK (action IN ('requeue', 'discard')),
      topic text NOT NULL,
      topic_id text NOT NULL,
      filter jsonb NOT NULL,
      reason text NOT NULL CHECK (btrim(reason) <> ''),
      records integer NOT NULL CHECK (records > 0),
      selection_hash text NOT NULL,
      edit_hash text,
      state text NOT NULL CHECK (state IN ('pending', 'approved', 'done', 'declined')),
      requested_by text NOT NULL CHECK (requested_by = lower(btrim(requested_by)) AND requested_by <> ''),
      requested_at timestamptz NOT NULL DEFAULT clock_timestamp(),
      decided_by text CHECK (decided_by = lower(btrim(decided_by)) AND decided_by <> ''),
      decided_at timestamptz,
      finished_at timestamptz,
      CONSTRAINT dlq_request_decided CHECK ((state = 'pending') = (decided_by IS NULL)),
      CONSTRAINT dlq_request_one_edit CHECK (edit_hash IS NULL OR (records = 1 AND action = 'requeue')),
      CONSTRAINT dlq_request_second_person CHECK (
        state IN ('pending', 'declined') OR decided_by <> requested_by OR (records = 1 AND edit_hash IS NULL)
      )
    );
    COMMENT ON TABLE operations.dlq_request IS
      'Requests to send quarantined records back or to discard them. More than one record, or any edit, needs a second person.';
    CREATE TABLE operations.dlq_entry (
      topic text NOT NULL,
      topic_id text NOT NULL,
      part integer NOT NULL,
      src_offset bigint NOT NULL,
      request_id uuid NOT NULL REFERENCES operations.dlq_request ON DELETE CASCADE,
      state text NOT NULL CHECK (state IN ('claimed', 'requeued', 'discarded')),
      changed_at timestamptz NOT NULL DEFAULT clock_timestamp(),
      PRIMARY KEY (topic, topic_id, part, src_offset)
    );
    COMMENT ON TABLE operations.dlq_entry IS
      'Quarantined records that a request has claimed, by their place in the dead-letter topic; what is not here is open.';
    CREATE INDEX dlq_entry_request ON operations.dlq_entry (request_id);
    GRANT USAGE ON SCHEMA operations TO vigil_operator;
    GRANT SELECT, INSERT, UPDATE ON operations.dlq_request TO vigil_operator;
    GRANT SELECT, INSERT, UPDATE, DELETE ON operations.dlq_entry TO vigil_operator;`);
}

/** The schema stays: others keep tables in it. */
export async function down(knex: Knex): Promise<void> {
  await knex.raw('DROP TABLE operations.dlq_entry');
  await knex.raw('DROP TABLE operations.dlq_request');
}
