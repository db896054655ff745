import type { Knex } from 'knex';
import { fileSql } from '../orchestration-file-sql.ts';
import { retentionSql } from '../orchestration-retention-sql.ts';
import { scheduleSql } from '../orchestration-schedule-sql.ts';
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
  COMMENT ON TABLE orchestration.run IS 'A row per run; locked for each of its steps. state is what the reducer knows, seq the number of its inputs. waiting = queued behind another run of its schedule, or for the workflows that it needs.';
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

const tables = [
  'quality_score',
  'table_row',
  'job_rejected',
  'job_checkpoint',
  'batch_output',
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
    ${retentionSql}
    GRANT USAGE ON SCHEMA orchestration, engine TO vigil_orchestrator, vigil_worker, vigil_operator;
    GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA orchestration TO vigil_orchestrator;
    REVOKE UPDATE, DELETE ON orchestration.run_event, orchestration.definition FROM vigil_orchestrator;
    GRANT SELECT, INSERT, UPDATE ON engine.sink_offset TO vigil_orchestrator;
    GRANT SELECT, INSERT, UPDATE, DELETE ON engine.ledger_outbox TO vigil_orchestrator;
    GRANT SELECT ON ALL TABLES IN SCHEMA orchestration TO vigil_worker, vigil_operator;
    GRANT INSERT, UPDATE ON orchestration.file, orchestration.row_trail, orchestration.batch_output, orchestration.job_checkpoint, orchestration.job_rejected, orchestration.table_row, orchestration.quality_score,
      orchestration.payload TO vigil_worker;
    GRANT DELETE ON orchestration.table_row TO vigil_worker;`);
}

export async function down(knex: Knex): Promise<void> {
  await knex.raw(
    `DROP FUNCTION orchestration.forget_runs; ${tables.map((table) => `DROP TABLE orchestration.${table};`).join(' ')} DROP SCHEMA orchestration;`,
  );
}
