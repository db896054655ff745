import type { Knex } from 'knex';

/**
 * The manual review queue, and what people propose and decide there. That one person cannot be both is a rule of the
 * database, so no program can forget it; that a review is decided once is its primary key.
 */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    CREATE SCHEMA IF NOT EXISTS claims;
    CREATE TABLE claims.review (
      review_id text PRIMARY KEY,
      submission_id text NOT NULL,
      record_key text NOT NULL,
      policy_token text NOT NULL,
      patient_token text,
      claim_id text,
      reasons jsonb,
      charge_cents bigint,
      second_person_cents bigint,
      requested_at timestamptz,
      withdrawn_by text,
      decision text,
      group_code text,
      carc text,
      rarc text[],
      person text,
      second_person text,
      reason text,
      decided_at timestamptz
    );
    COMMENT ON TABLE claims.review IS
      'A row per review: what was asked for and what was decided. Both come by topics of their own and in any order; what did not come is NULL.';
    COMMENT ON COLUMN claims.review.record_key IS 'Key of the request: the decision is published under it.';
    COMMENT ON COLUMN claims.review.withdrawn_by IS 'Submission of the replacement or void that took the claim''s place: nobody has to decide any more.';
    CREATE INDEX review_open ON claims.review (requested_at) WHERE decided_at IS NULL AND withdrawn_by IS NULL;

    CREATE TABLE claims.review_proposal (
      review_id text PRIMARY KEY,
      decision text NOT NULL CHECK (decision IN ('release', 'deny')),
      group_code text NOT NULL,
      carc text NOT NULL,
      rarc text[] NOT NULL,
      reason text NOT NULL CHECK (btrim(reason) <> ''),
      needs_second boolean NOT NULL,
      state text NOT NULL CHECK (state IN ('proposed', 'decided', 'published')),
      proposed_by text NOT NULL CHECK (proposed_by = lower(btrim(proposed_by)) AND proposed_by <> ''),
      proposed_at timestamptz NOT NULL DEFAULT clock_timestamp(),
      confirmed_by text CHECK (confirmed_by = lower(btrim(confirmed_by)) AND confirmed_by <> ''),
      decided_at timestamptz,
      CONSTRAINT review_proposal_denial CHECK ((decision = 'deny') = (carc <> '')),
      CONSTRAINT review_proposal_decided CHECK ((state = 'proposed') = (decided_at IS NULL)),
      CONSTRAINT review_proposal_second_person CHECK (confirmed_by <> proposed_by),
      CONSTRAINT review_proposal_confirmed CHECK (state = 'proposed' OR NOT needs_second OR confirmed_by IS NOT NULL)
    );
    COMMENT ON TABLE claims.review_proposal IS
      'What people propose and decide, before it is published. Above the limit a second person confirms what the first proposed.';

    GRANT USAGE ON SCHEMA claims TO vigil_loader_operational, vigil_operator;
    GRANT SELECT, INSERT, UPDATE ON claims.review TO vigil_loader_operational;
    GRANT SELECT ON claims.review TO vigil_operator;
    GRANT SELECT, INSERT, UPDATE, DELETE ON claims.review_proposal TO vigil_operator;`);
}

/** The schema stays: others keep tables in it. */
export async function down(knex: Knex): Promise<void> {
  await knex.raw('DROP TABLE claims.review_proposal; DROP TABLE claims.review;');
}
