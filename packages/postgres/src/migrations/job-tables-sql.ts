/** What batch jobs into a database keep beside their rows, alike in both databases. */
export const jobTablesSql = (schema: 'orchestration' | 'engine'): string => `
  CREATE TABLE ${schema}.job_checkpoint (
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
  COMMENT ON TABLE ${schema}.job_checkpoint IS 'How far a partition of a job into this database has come; changed in the transaction of its rows, fenced by epoch.';

  CREATE TABLE ${schema}.job_rejected (
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
  COMMENT ON TABLE ${schema}.job_rejected IS 'Items of jobs into this database that became no row: where they stand and what is wrong, never what they hold.';`;
