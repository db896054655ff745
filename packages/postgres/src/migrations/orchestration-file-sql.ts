import { jobTablesSql } from './job-tables-sql.ts';

/** Tables of sources, batch jobs and scores: part of the migration that made the schema of the orchestrator. */
export const fileSql = `
  CREATE TABLE orchestration.file (
    file_id uuid PRIMARY KEY,
    source text NOT NULL,
    path text NOT NULL,
    version text NOT NULL,
    revision integer NOT NULL DEFAULT 1,
    bytes bigint NOT NULL,
    modified_at timestamptz NOT NULL,
    sha256 text,
    state text NOT NULL CHECK (state IN ('DISCOVERED', 'STABLE', 'CLAIMED', 'STAGED', 'VERIFIED', 'LOADED', 'ARCHIVED', 'QUARANTINED', 'DUPLICATE')),
    polls integer NOT NULL DEFAULT 1,
    attempt integer NOT NULL DEFAULT 0,
    epoch bigint NOT NULL DEFAULT 0,
    run_id uuid,
    batch_id text,
    task text,
    part integer,
    task_epoch bigint,
    duplicate_of uuid,
    records_expected bigint,
    records_read bigint,
    records_ok bigint,
    records_rejected bigint,
    checkpoint text,
    error_code text,
    error_detail text,
    score real,
    accepted_sha256 text,
    found_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    changed_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    UNIQUE (source, path, version)
  ) WITH (fillfactor = 70);
  COMMENT ON TABLE orchestration.file IS 'The file ledger: every file that was ever seen, and what became of it. Counts are a projection of batch.job.checkpointed.v1.';
  COMMENT ON COLUMN orchestration.file.epoch IS 'Grows with each claim. Who claimed it stands in run_id, task, part and task_epoch: once that attempt no longer runs, another may claim it.';
  COMMENT ON COLUMN orchestration.file.accepted_sha256 IS 'Content that a person accepted whatever its quality score.';
  CREATE INDEX file_content ON orchestration.file (source, sha256);
  CREATE INDEX file_state ON orchestration.file (source, state);
  COMMENT ON COLUMN orchestration.file.checkpoint IS 'forgotten: batch.job.checkpointed.v1 holds none of its load any more.';
  CREATE INDEX file_forgettable ON orchestration.file (source, changed_at) WHERE state = 'ARCHIVED' AND checkpoint IS NULL;

  CREATE TABLE orchestration.row_trail (
    source text NOT NULL,
    file_id uuid NOT NULL,
    first_line bigint NOT NULL,
    last_line bigint NOT NULL,
    topic text NOT NULL,
    partition integer NOT NULL,
    first_offset bigint NOT NULL,
    last_offset bigint NOT NULL,
    PRIMARY KEY (file_id, topic, partition, first_offset)
  );
  COMMENT ON TABLE orchestration.row_trail IS 'Which lines of a file stand where in which topic, by committed chunk.';

  CREATE TABLE orchestration.batch_output (
    batch_id text NOT NULL,
    task text NOT NULL,
    job text NOT NULL,
    part integer NOT NULL,
    topic text NOT NULL,
    records bigint NOT NULL,
    PRIMARY KEY (batch_id, task, job, part, topic)
  );
  COMMENT ON TABLE orchestration.batch_output IS 'Records that jobs wrote into topics for the batch of a run: what the stage behind must account for. A projection of batch.job.checkpointed.v1.';

  ${jobTablesSql('orchestration')}

  CREATE TABLE orchestration.table_row (
    source text NOT NULL,
    key_hash uuid NOT NULL,
    content_hash uuid NOT NULL,
    changed_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (source, key_hash)
  );
  COMMENT ON TABLE orchestration.table_row IS 'What was published last of each row of a table source: keyed hashes of its key and of its content.';

  CREATE TABLE orchestration.quality_score (
    subject text NOT NULL,
    column_name text NOT NULL DEFAULT '',
    source text NOT NULL,
    period text NOT NULL DEFAULT '',
    records bigint NOT NULL,
    completeness real NOT NULL,
    validity real NOT NULL,
    uniqueness real NOT NULL,
    consistency real NOT NULL,
    timeliness real NOT NULL,
    score real NOT NULL,
    drift real NOT NULL,
    held boolean NOT NULL DEFAULT false,
    run_id uuid,
    recorded_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (subject, column_name, period)
  );
  CREATE INDEX quality_history ON orchestration.quality_score (source, column_name, recorded_at DESC);`;
