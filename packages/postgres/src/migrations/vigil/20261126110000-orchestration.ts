import type { Knex } from 'knex';
import { ensureRoleSql } from '../role-sql.ts';

const definitionSql = `
  CREATE TABLE orchestration.definition (
    workflow text NOT NULL,
    version integer NOT NULL,
    sha256 text NOT NULL,
    text text NOT NULL,
    plan jsonb NOT NULL,
    deployed_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    deployed_by text NOT NULL,
    PRIMARY KEY (workflow, version),
    UNIQUE (workflow, sha256)
  );
  COMMENT ON TABLE orchestration.definition IS 'Deployed definitions. A row never changes; a run keeps the version it began with.';

  CREATE TABLE orchestration.workflow (
    workflow text PRIMARY KEY,
    version integer NOT NULL,
    enabled boolean NOT NULL DEFAULT true,
    changed_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    changed_by text NOT NULL,
    FOREIGN KEY (workflow, version) REFERENCES orchestration.definition
  );
  COMMENT ON COLUMN orchestration.workflow.version IS 'The version that new runs begin with.';`;

const runSql = `
  CREATE TABLE orchestration.run (
    run_id uuid PRIMARY KEY,
    workflow text NOT NULL,
    version integer NOT NULL,
    batch_id text NOT NULL,
    status text NOT NULL CHECK (status IN ('waiting', 'running', 'paused', 'cancelling', 'succeeded', 'failed', 'cancelled')),
    priority smallint NOT NULL DEFAULT 5,
    trigger text NOT NULL CHECK (trigger IN ('cron', 'interval', 'continuous', 'event', 'file', 'upstream', 'manual', 'api', 'backfill', 'workflow')),
    trigger_detail jsonb NOT NULL DEFAULT '{}',
    schedule_id text,
    scheduled_for timestamptz,
    parameters jsonb NOT NULL DEFAULT '{}',
    parent_run_id uuid,
    parent_task text,
    parent_part integer,
    idempotency_key text UNIQUE,
    seq bigint NOT NULL DEFAULT 0,
    state jsonb,
    reason text,
    requested_by text NOT NULL,
    created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    started_at timestamptz,
    ended_at timestamptz,
    FOREIGN KEY (workflow, version) REFERENCES orchestration.definition
  ) WITH (fillfactor = 50);
  COMMENT ON TABLE orchestration.run IS 'A row per run; locked for each of its steps. state is what the reducer knows, seq the number of its inputs. waiting = queued behind another run of its schedule.';
  CREATE INDEX run_recent ON orchestration.run (workflow, created_at DESC);
  CREATE INDEX run_created ON orchestration.run (created_at DESC, run_id DESC);
  CREATE INDEX run_parent ON orchestration.run (parent_run_id) WHERE parent_run_id IS NOT NULL;
  CREATE INDEX run_of_schedule ON orchestration.run (schedule_id, created_at) WHERE schedule_id IS NOT NULL AND status IN ('waiting', 'running', 'paused', 'cancelling');
  CREATE INDEX run_open ON orchestration.run (status, created_at) WHERE status IN ('waiting', 'running', 'paused', 'cancelling');

  CREATE TABLE orchestration.run_event (
    run_id uuid NOT NULL,
    seq bigint NOT NULL,
    at timestamptz NOT NULL,
    version integer NOT NULL,
    input jsonb NOT NULL,
    ignored text,
    xid xid8 NOT NULL DEFAULT pg_current_xact_id(),
    PRIMARY KEY (run_id, seq)
  );
  COMMENT ON COLUMN orchestration.run_event.xid IS 'Transaction that wrote it: those below the oldest open one are complete, so a stream of changes skips none.';
  CREATE INDEX run_event_stream ON orchestration.run_event (xid, run_id, seq);
  COMMENT ON TABLE orchestration.run_event IS 'Append-only: every input of a run in the order of its steps. Reducing them again gives the state.';

  CREATE TABLE orchestration.task_run (
    run_id uuid NOT NULL,
    task text NOT NULL,
    part integer NOT NULL,
    part_key text NOT NULL DEFAULT '',
    workflow text NOT NULL,
    task_type text NOT NULL,
    pool text,
    state text NOT NULL CHECK (state IN ('waiting', 'queued', 'requested', 'running', 'backing-off', 'stopping', 'held', 'succeeded', 'failed', 'fell-back', 'skipped', 'cancelled')),
    attempt integer NOT NULL DEFAULT 0,
    epoch bigint NOT NULL DEFAULT 0,
    slots integer NOT NULL DEFAULT 1,
    cpu real NOT NULL DEFAULT 0,
    memory_mib integer NOT NULL DEFAULT 0,
    io real NOT NULL DEFAULT 0,
    priority smallint NOT NULL DEFAULT 5,
    blocked_reason text,
    blocked_by text,
    queued_at timestamptz,
    requested_at timestamptz,
    started_at timestamptz,
    ended_at timestamptz,
    lease_until timestamptz,
    deadline_at timestamptz,
    worker text,
    health text,
    counts jsonb NOT NULL DEFAULT '{}',
    result jsonb,
    error jsonb,
    request jsonb,
    child_run_id uuid,
    changed_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (run_id, task, part)
  ) WITH (fillfactor = 50);
  COMMENT ON TABLE orchestration.task_run IS 'Projection of runs: a row per part of a task, with why it is not running and what holds it. request = what the dispatcher sends.';
  CREATE INDEX task_run_queue ON orchestration.task_run (pool, workflow, priority, queued_at) WHERE state = 'queued';
  CREATE INDEX task_run_lease ON orchestration.task_run (lease_until) WHERE state IN ('requested', 'running', 'stopping');

  CREATE TABLE orchestration.pool (
    pool text PRIMARY KEY,
    slots integer NOT NULL,
    cpu real NOT NULL,
    memory_mib integer NOT NULL,
    io real NOT NULL,
    changed_at timestamptz NOT NULL DEFAULT clock_timestamp()
  );
  CREATE TABLE orchestration.pool_slot (
    run_id uuid NOT NULL,
    task text NOT NULL,
    part integer NOT NULL,
    epoch bigint NOT NULL,
    pool text NOT NULL REFERENCES orchestration.pool,
    slots integer NOT NULL,
    cpu real NOT NULL,
    memory_mib integer NOT NULL,
    io real NOT NULL,
    taken_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (run_id, task, part)
  );
  COMMENT ON TABLE orchestration.pool_slot IS 'What is taken of each pool; given back with the lease of its attempt, so no dead holder keeps it.';
  CREATE INDEX pool_slot_pool ON orchestration.pool_slot (pool);

  CREATE TABLE orchestration.pool_turn (
    pool text NOT NULL,
    workflow text NOT NULL,
    priority smallint NOT NULL,
    served_at timestamptz,
    PRIMARY KEY (pool, workflow, priority)
  ) WITH (fillfactor = 50);
  COMMENT ON TABLE orchestration.pool_turn IS 'Fairness: the queues of a pool, one per workflow and priority, take turns; one that is not served ages.';

  CREATE TABLE orchestration.worker (
    worker text NOT NULL,
    pool text NOT NULL,
    seen_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (worker, pool)
  ) WITH (fillfactor = 50);
  COMMENT ON TABLE orchestration.worker IS 'Workers by the last time they were heard of. Without one a pool gets no work, and its tasks say so.';

  CREATE TABLE orchestration.timer (
    run_id uuid NOT NULL,
    timer text NOT NULL,
    fires_at timestamptz NOT NULL,
    key jsonb NOT NULL,
    PRIMARY KEY (run_id, timer)
  );
  COMMENT ON TABLE orchestration.timer IS 'Inputs of runs that are due at a time: timers of the reducer, and what one run tells another ({"input": …}).';
  CREATE INDEX timer_due ON orchestration.timer (fires_at);

  CREATE TABLE orchestration.approval (
    run_id uuid NOT NULL,
    task text NOT NULL,
    message text NOT NULL,
    approvers text[] NOT NULL,
    asked_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    decision text CHECK (decision IN ('approved', 'declined', 'withdrawn')),
    decided_by text,
    reason text,
    decided_at timestamptz,
    PRIMARY KEY (run_id, task)
  );

  CREATE TABLE orchestration.payload (
    payload_id uuid PRIMARY KEY,
    run_id uuid NOT NULL,
    body jsonb NOT NULL,
    created_at timestamptz NOT NULL DEFAULT clock_timestamp()
  );
  COMMENT ON TABLE orchestration.payload IS 'Inputs and results above 64 KiB, which messages only name.';

  CREATE TABLE orchestration.outbox (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    topic text NOT NULL,
    key text NOT NULL,
    value jsonb NOT NULL,
    claimed_until timestamptz
  );
  CREATE INDEX outbox_key ON orchestration.outbox (topic, key, id);
  COMMENT ON TABLE orchestration.outbox IS 'Messages on their way to Kafka: claimed, published, deleted after the acknowledgement. Never read by "id > last".';

  CREATE TABLE orchestration.inbox (
    message_id text PRIMARY KEY,
    seen_at timestamptz NOT NULL DEFAULT clock_timestamp()
  );
  CREATE INDEX inbox_age ON orchestration.inbox (seen_at);`;

const scheduleSql = `
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

const fileSql = `
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

  CREATE TABLE orchestration.job_checkpoint (
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
  COMMENT ON TABLE orchestration.job_checkpoint IS 'How far a partition of a job into this database has come; changed in the transaction of its rows, fenced by epoch.';

  CREATE TABLE orchestration.job_rejected (
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
  COMMENT ON TABLE orchestration.job_rejected IS 'Items of jobs into this database that became no row: where they stand and what is wrong, never what they hold.';

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

const tables = [
  'quality_score',
  'table_row',
  'job_rejected',
  'job_checkpoint',
  'row_trail',
  'file',
  'backfill_part',
  'backfill',
  'trigger_fire',
  'trigger_position',
  'fire',
  'schedule',
  'inbox',
  'outbox',
  'payload',
  'approval',
  'timer',
  'worker',
  'pool_turn',
  'pool_slot',
  'pool',
  'task_run',
  'run_event',
  'run',
  'workflow',
  'definition',
];

/** Definitions, runs, schedules, files and scores of the orchestrator; its workers see what batch jobs need. */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    ${ensureRoleSql('vigil_orchestrator')}
    ${ensureRoleSql('vigil_worker')}
    CREATE SCHEMA orchestration;
    ${definitionSql}
    ${runSql}
    ${scheduleSql}
    ${fileSql}
    GRANT USAGE ON SCHEMA orchestration, engine TO vigil_orchestrator, vigil_worker, vigil_operator;
    GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA orchestration TO vigil_orchestrator;
    REVOKE UPDATE, DELETE ON orchestration.run_event, orchestration.definition FROM vigil_orchestrator;
    GRANT SELECT, INSERT, UPDATE ON engine.sink_offset TO vigil_orchestrator;
    GRANT SELECT, INSERT, UPDATE, DELETE ON engine.ledger_outbox TO vigil_orchestrator;
    GRANT SELECT ON ALL TABLES IN SCHEMA orchestration TO vigil_worker, vigil_operator;
    GRANT INSERT, UPDATE ON orchestration.file, orchestration.row_trail, orchestration.job_checkpoint, orchestration.job_rejected, orchestration.table_row, orchestration.quality_score,
      orchestration.payload TO vigil_worker;
    GRANT DELETE ON orchestration.table_row TO vigil_worker;`);
}

export async function down(knex: Knex): Promise<void> {
  await knex.raw(`${tables.map((table) => `DROP TABLE orchestration.${table};`).join(' ')} DROP SCHEMA orchestration;`);
}
