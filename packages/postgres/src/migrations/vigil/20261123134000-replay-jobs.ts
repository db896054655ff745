import type { Knex } from 'knex';

/** Replays and how far each has come: what makes one resumable after a kill. */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    CREATE SCHEMA IF NOT EXISTS operations;
    CREATE TABLE operations.replay_job (
      job_id text PRIMARY KEY CHECK (job_id ~ '^r[0-9a-f]{8}$'),
      kind text NOT NULL CHECK (kind IN ('sink', 'stage')),
      name text NOT NULL,
      plan jsonb NOT NULL,
      state text NOT NULL DEFAULT 'planned' CHECK (state IN ('planned', 'running', 'done', 'abandoned')),
      planned_at timestamptz NOT NULL DEFAULT clock_timestamp(),
      changed_at timestamptz NOT NULL DEFAULT clock_timestamp()
    );
    COMMENT ON TABLE operations.replay_job IS
      'A bounded replay: of a sink, rewound in its database, or of a stage, run beside the live one under the job id as run id.';
    CREATE TABLE operations.replay_part (
      job_id text NOT NULL REFERENCES operations.replay_job ON DELETE CASCADE,
      topic text NOT NULL,
      part integer NOT NULL,
      from_offset bigint NOT NULL,
      until_offset bigint NOT NULL CHECK (until_offset >= from_offset),
      state text NOT NULL DEFAULT 'planned' CHECK (state IN ('planned', 'rewound', 'done')),
      before_rows bigint,
      before_hash text,
      after_rows bigint,
      after_hash text,
      PRIMARY KEY (job_id, topic, part),
      CONSTRAINT replay_part_remembers CHECK (state <> 'rewound' OR before_hash IS NOT NULL)
    );
    COMMENT ON TABLE operations.replay_part IS
      'One source partition of a replay. before = rows of [from_offset, until_offset) when it was rewound, kept before anything is deleted.';`);
}

/** The schema stays: others keep tables in it. */
export async function down(knex: Knex): Promise<void> {
  await knex.raw('DROP TABLE operations.replay_part');
  await knex.raw('DROP TABLE operations.replay_job');
}
