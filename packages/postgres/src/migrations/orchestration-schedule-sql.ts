/** Tables of schedules, triggers and backfills: part of the migration that made the schema of the orchestrator. */
export const scheduleSql = `
  CREATE TABLE orchestration.schedule (
    schedule_id text PRIMARY KEY,
    workflow text NOT NULL,
    kind text NOT NULL CHECK (kind IN ('cron', 'interval', 'continuous', 'event', 'file', 'upstream')),
    spec jsonb NOT NULL,
    enabled boolean NOT NULL DEFAULT true,
    next_fire_at timestamptz,
    considered_until timestamptz NOT NULL DEFAULT clock_timestamp(),
    origin text NOT NULL DEFAULT 'definition',
    parameters jsonb NOT NULL DEFAULT '{}',
    changed_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    changed_by text NOT NULL
  );
  COMMENT ON COLUMN orchestration.schedule.considered_until IS 'Fire times up to here were decided about: what catch-up starts from after downtime, disabling, an edit or a deployment alike.';
  COMMENT ON COLUMN orchestration.schedule.origin IS 'definition, or the group (file) of schedules that it was deployed with.';
  CREATE INDEX schedule_workflow ON orchestration.schedule (workflow);
  CREATE INDEX schedule_due ON orchestration.schedule (next_fire_at) WHERE enabled;

  CREATE TABLE orchestration.fire (
    schedule_id text NOT NULL,
    scheduled_for timestamptz NOT NULL,
    decision text NOT NULL CHECK (decision IN ('started', 'queued', 'skipped-overlap', 'skipped-catch-up')),
    run_id uuid,
    fired_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    UNIQUE (schedule_id, scheduled_for)
  );
  COMMENT ON TABLE orchestration.fire IS 'One row per time a schedule was due: however many schedulers race, once.';

  CREATE TABLE orchestration.trigger_position (
    schedule_id text NOT NULL REFERENCES orchestration.schedule ON DELETE CASCADE,
    topic text NOT NULL,
    part integer NOT NULL,
    next_offset bigint NOT NULL,
    changed_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (schedule_id, topic, part)
  ) WITH (fillfactor = 50);
  COMMENT ON TABLE orchestration.trigger_position IS 'How far an event trigger has read its topic; moved in the transaction that requests the runs.';

  CREATE TABLE orchestration.trigger_fire (
    seq bigint GENERATED ALWAYS AS IDENTITY,
    schedule_id text NOT NULL REFERENCES orchestration.schedule ON DELETE CASCADE,
    cause text NOT NULL,
    detail jsonb NOT NULL DEFAULT '{}',
    seen_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    decision text CHECK (decision IN ('started', 'queued', 'skipped-overlap')),
    run_id uuid,
    decided_at timestamptz,
    PRIMARY KEY (schedule_id, cause)
  );
  COMMENT ON TABLE orchestration.trigger_fire IS 'What triggered a schedule that the clock does not: a record, a file, the end of a run. One row per cause: told twice, counted once.';
  CREATE INDEX trigger_open ON orchestration.trigger_fire (seq) WHERE decision IS NULL;
  CREATE INDEX trigger_age ON orchestration.trigger_fire (decided_at);

  CREATE TABLE orchestration.backfill (
    backfill_id uuid PRIMARY KEY,
    workflow text NOT NULL,
    version integer NOT NULL,
    from_at timestamptz NOT NULL,
    until_at timestamptz NOT NULL,
    at_once integer NOT NULL,
    state text NOT NULL CHECK (state IN ('running', 'paused', 'done', 'cancelled')),
    requested_by text NOT NULL,
    created_at timestamptz NOT NULL DEFAULT clock_timestamp()
  );
  CREATE TABLE orchestration.backfill_part (
    backfill_id uuid NOT NULL REFERENCES orchestration.backfill,
    scheduled_for timestamptz NOT NULL,
    run_id uuid,
    state text NOT NULL CHECK (state IN ('waiting', 'started', 'succeeded', 'failed', 'cancelled')),
    PRIMARY KEY (backfill_id, scheduled_for)
  );
  CREATE INDEX backfill_part_run ON orchestration.backfill_part (run_id) WHERE run_id IS NOT NULL;`;
