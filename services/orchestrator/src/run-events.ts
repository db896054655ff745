import { workflowPools } from '@vigil/contracts';
import { endToEndBuckets, event, field } from '@vigil/runtime';

const shortBuckets = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5] as const;
const pool = () => field.oneOf(...workflowPools);

/** What the engine of runs logs and counts. */
export const runEvents = {
  stepsTaken: event({
    level: 'none',
    message: 'steps of runs were taken',
    fields: { taken: field.count(), ignored: field.count(), durationMs: field.durationMs() },
    metrics: [
      { kind: 'counter', name: 'vigil_run_steps_total', help: 'Inputs that changed a run.', by: 'taken' },
      {
        kind: 'counter',
        name: 'vigil_run_inputs_ignored_total',
        help: 'Inputs that changed nothing: stale, late or of a run that has ended.',
        by: 'ignored',
      },
      {
        kind: 'histogram',
        name: 'vigil_run_step_duration_seconds',
        help: 'Time of a transaction of steps.',
        value: 'durationMs',
        buckets: shortBuckets,
      },
    ],
  }),
  reportsTaken: event({
    level: 'none',
    message: 'reports of workers were taken in',
    fields: { duplicates: field.count(), unknown: field.count() },
    metrics: [
      { kind: 'counter', name: 'vigil_task_reports_duplicate_total', help: 'Reports of workers that came twice.', by: 'duplicates' },
      {
        kind: 'counter',
        name: 'vigil_task_reports_unknown_total',
        help: 'Reports about runs that are not known, or unreadable.',
        by: 'unknown',
      },
    ],
  }),
  poolDispatched: event({
    level: 'none',
    message: 'queued tasks were handed out',
    fields: { pool: pool(), count: field.count(), durationMs: field.durationMs() },
    metrics: [
      { kind: 'counter', name: 'vigil_tasks_dispatched_total', help: 'Attempts handed out to workers.', labels: ['pool'], by: 'count' },
      {
        kind: 'histogram',
        name: 'vigil_dispatch_duration_seconds',
        help: 'Time of a transaction of the dispatcher.',
        labels: ['pool'],
        value: 'durationMs',
        buckets: shortBuckets,
      },
    ],
  }),
  taskDispatched: event({
    level: 'none',
    message: 'a task was handed out',
    fields: { pool: pool(), queuedMs: field.durationMs() },
    metric: {
      kind: 'histogram',
      name: 'vigil_task_queued_seconds',
      help: 'How long an attempt was queued until it was handed out.',
      labels: ['pool'],
      value: 'queuedMs',
      buckets: endToEndBuckets,
    },
  }),
  poolObserved: event({
    level: 'none',
    message: 'the queue of a pool was observed',
    fields: { pool: field.ownName(), queued: field.count(), oldestMs: field.durationMs(), slotsTaken: field.count() },
    metrics: [
      {
        kind: 'gauge',
        name: 'vigil_pool_queued_tasks',
        help: 'Attempts that wait for a slot of the pool.',
        labels: ['pool'],
        value: 'queued',
      },
      {
        kind: 'gauge',
        name: 'vigil_pool_oldest_queued_seconds',
        help: 'How long the oldest of them has waited.',
        labels: ['pool'],
        value: 'oldestMs',
      },
      { kind: 'gauge', name: 'vigil_pool_slots_taken', help: 'Slots of the pool that are taken.', labels: ['pool'], value: 'slotsTaken' },
    ],
  }),
  runsObserved: event({
    level: 'none',
    message: 'open runs and the outbox were observed',
    fields: { openRuns: field.count(), outbox: field.count(), outboxOverdueMs: field.durationMs(), keptReports: field.count() },
    metrics: [
      { kind: 'gauge', name: 'vigil_runs_open', help: 'Runs that have not ended.', value: 'openRuns' },
      { kind: 'gauge', name: 'vigil_run_outbox_messages', help: 'Messages of runs on their way to Kafka.', value: 'outbox' },
      {
        kind: 'gauge',
        name: 'vigil_run_outbox_overdue_seconds',
        help: 'How long the oldest message is left over that nobody publishes.',
        value: 'outboxOverdueMs',
      },
      {
        kind: 'gauge',
        name: 'vigil_run_reports_kept',
        help: 'Reports of workers that their runs cannot take for now.',
        value: 'keptReports',
      },
    ],
  }),
  taskFellBack: event({
    level: 'error',
    message: 'a task failed for good; its data went to its fallback: see vigil workflows why',
    fields: { action: field.oneOf('quarantine_data', 'manual_review_queue') },
    metric: {
      kind: 'counter',
      name: 'vigil_tasks_fallen_back_total',
      help: 'Tasks that failed for good and had a fallback.',
      labels: ['action'],
    },
  }),
  leasesLost: event({
    level: 'warn',
    message: 'attempts were lost: their workers were not heard of in time',
    fields: { count: field.count() },
    metric: { kind: 'counter', name: 'vigil_task_leases_lost_total', help: 'Attempts whose lease ended without a heartbeat.', by: 'count' },
  }),
  reportsKept: event({
    level: 'error',
    message:
      'a run cannot take what its workers report; its reports are kept and tried again every minute: see docs/runbooks/run-is-stuck.md',
    fields: { code: field.errorCode() },
    metric: {
      kind: 'counter',
      name: 'vigil_run_reports_refused_total',
      help: 'Times that a run began to keep reports because it could not take them.',
      labels: ['code'],
    },
  }),
  runPostponed: event({
    level: 'error',
    message: 'a run could not be moved and was put off by a minute; the others go on: see what of it is due in orchestration.timer',
    fields: { code: field.errorCode() },
    metric: {
      kind: 'counter',
      name: 'vigil_runs_postponed_total',
      help: 'Times that a run was put off because its inputs could not be taken.',
      labels: ['code'],
    },
  }),
  messageRefused: event({
    level: 'error',
    message: 'a message is larger than its topic takes and was dropped; its attempt will count as lost: give the run less to carry',
    fields: { topic: field.topic() },
    metric: {
      kind: 'counter',
      name: 'vigil_run_messages_refused_total',
      help: 'Messages that were dropped because their topic does not take anything so large.',
      labels: ['topic'],
    },
  }),
  messagesRelayed: event({
    level: 'debug',
    message: 'messages that were left over were published',
    fields: { count: field.count() },
    metric: {
      kind: 'counter',
      name: 'vigil_run_outbox_relayed_total',
      help: 'Messages published by the relay instead of right after their commit.',
      by: 'count',
    },
  }),
  runsTroubled: event({
    level: 'warn',
    message: 'runs cannot go on for the moment: a dependency is away',
    fields: { code: field.errorCode() },
    metric: {
      kind: 'counter',
      name: 'vigil_run_troubles_total',
      help: 'Turns of the engine of runs that failed for a passing reason.',
      labels: ['code'],
    },
  }),
} as const;
