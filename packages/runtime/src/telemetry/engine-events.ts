import { dispositions } from '@vigil/core';
import { defineEvents, endToEndBuckets, event } from './define-events.ts';
import { field } from './event-fields.ts';

const stage = field.ownName();
const partition = field.partition();
const kind = field.oneOf('poison', 'transient', 'dependency', 'auth', 'config', 'fenced', 'fatal', 'usage');
const code = field.ownName();

const commitBuckets = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];
const restoreBuckets = [0.1, 0.5, 1, 5, 10, 30, 60, 300, 900];

/** What every stage logs and counts, whatever it does. */
export const engineEvents = defineEvents('every stage', {
  recordsHandled: event({
    level: 'none',
    message: 'records got their disposition',
    fields: { stage, disposition: field.oneOf(...dispositions), records: field.count() },
    metric: {
      kind: 'counter',
      name: 'vigil_stage_records_total',
      help: 'Consumed records, by disposition.',
      labels: ['stage', 'disposition'],
      by: 'records',
    },
  }),
  recordsWritten: event({
    level: 'none',
    message: 'records were written',
    fields: { stage, topic: field.topic(), records: field.count() },
    metric: {
      kind: 'counter',
      name: 'vigil_stage_output_records_total',
      help: 'Records written, by topic.',
      labels: ['stage', 'topic'],
      by: 'records',
    },
  }),
  committed: event({
    level: 'debug',
    message: 'committed',
    fields: {
      stage,
      partition,
      consumed: field.count(),
      changelogRecords: field.count(),
      commitMs: field.durationMs(),
      oldestAgeMs: field.durationMs(),
    },
    metrics: [
      {
        kind: 'histogram',
        name: 'vigil_stage_commit_seconds',
        help: 'Time of a commit, from the first send to the broker’s answer.',
        labels: ['stage'],
        value: 'commitMs',
        buckets: commitBuckets,
      },
      {
        kind: 'histogram',
        name: 'vigil_stage_record_age_seconds',
        help: 'Commit time minus ingestion time of the oldest record in the commit: freshness.',
        labels: ['stage'],
        value: 'oldestAgeMs',
        buckets: endToEndBuckets,
      },
      {
        kind: 'counter',
        name: 'vigil_stage_changelog_records_total',
        help: 'Records written to changelogs.',
        labels: ['stage'],
        by: 'changelogRecords',
      },
    ],
  }),
  recordQuarantined: event({
    level: 'none',
    message: 'a record went to quarantine',
    fields: { stage, code: field.errorCode() },
    metric: {
      kind: 'counter',
      name: 'vigil_stage_quarantined_records_total',
      help: 'Records written to a dead-letter topic, by error code.',
      labels: ['stage', 'code'],
    },
  }),
  quarantined: event({
    level: 'warn',
    message: 'a record went to quarantine',
    fields: { stage, topic: field.topic(), partition, offset: field.offset(), code: field.errorCode(), attempt: field.count() },
  }),
  moreQuarantined: event({
    level: 'warn',
    message: 'further records of the same commit went to quarantine; the dead-letter topic names each of them',
    fields: { stage, partition, records: field.count() },
  }),
  processorFailed: event({
    level: 'error',
    message: 'our own code failed on a record',
    fields: { stage, topic: field.topic(), partition, offset: field.offset(), attempt: field.count(), errorName: field.ownName() },
    metric: {
      kind: 'counter',
      name: 'vigil_stage_processor_failures_total',
      help: 'Failures of our own code; the third at one record quarantines it as PROCESSOR_FAULT. Page engineering.',
      labels: ['stage'],
    },
  }),
  taskRestored: event({
    level: 'info',
    message: 'a task is restored',
    fields: { stage, partition, records: field.count(), durationMs: field.durationMs() },
    metric: {
      kind: 'histogram',
      name: 'vigil_stage_restore_seconds',
      help: 'Time to restore a task’s state from its changelogs.',
      labels: ['stage'],
      value: 'durationMs',
      buckets: restoreBuckets,
    },
  }),
  taskKept: event({ level: 'info', message: 'a task kept its state over a rejoin', fields: { stage, partition } }),
  taskClosed: event({
    level: 'info',
    message: 'a task is closed',
    fields: { stage, partition, reason: field.oneOf('unassigned', 'drained', 'fenced') },
    metric: {
      kind: 'counter',
      name: 'vigil_stage_tasks_closed_total',
      help: 'Tasks closed, by reason.',
      labels: ['stage', 'reason'],
    },
  }),
  fenced: event({
    level: 'warn',
    message: 'a write was refused: another instance owns the partition',
    fields: { stage, partition, refusal: field.ownName() },
    metric: {
      kind: 'counter',
      name: 'vigil_stage_fenced_writes_total',
      help: 'Writes that the broker refused because another instance owns the partition, by its name for it.',
      labels: ['stage', 'refusal'],
    },
  }),
  retrying: event({
    level: 'warn',
    message: 'a failure is tried again',
    fields: { stage, partition: field.number(), kind, code, attempt: field.count(), delayMs: field.durationMs() },
    metric: {
      kind: 'counter',
      name: 'vigil_stage_retries_total',
      help: 'Retries after transient failures and while a dependency is away.',
      labels: ['stage', 'kind', 'code'],
    },
  }),
  assigned: event({
    level: 'info',
    message: 'partitions are assigned',
    fields: { stage, partitions: field.count() },
    metric: { kind: 'counter', name: 'vigil_stage_rebalances_total', help: 'Assignments received.', labels: ['stage'] },
  }),
  membershipLost: event({ level: 'warn', message: 'group membership is lost or renegotiated', fields: { stage } }),
  backpressure: event({
    level: 'debug',
    message: 'reading is paused or resumed',
    fields: { stage, topic: field.topic(), partition, paused: field.flag() },
    metric: {
      kind: 'counter',
      name: 'vigil_stage_backpressure_changes_total',
      help: 'Times that reading a partition was paused or resumed because the queue was full.',
      labels: ['stage', 'topic'],
    },
  }),
  failed: event({
    level: 'error',
    message: 'the stage stopped; nothing of the open batch was committed',
    fields: { stage, kind, code },
    metric: {
      kind: 'counter',
      name: 'vigil_stage_failures_total',
      help: 'Stages that stopped for good, by class of error.',
      labels: ['stage', 'kind', 'code'],
    },
  }),
  stageState: event({
    level: 'none',
    message: 'read off the stage when metrics are asked for',
    fields: { stage, openTasks: field.count(), assignedTasks: field.count() },
    metrics: [
      { kind: 'gauge', name: 'vigil_stage_open_tasks', help: 'Tasks restored and processing.', labels: ['stage'], value: 'openTasks' },
      {
        kind: 'gauge',
        name: 'vigil_stage_assigned_tasks',
        help: 'Tasks that the group assigned to this process.',
        labels: ['stage'],
        value: 'assignedTasks',
      },
    ],
  }),
  partitionLag: event({
    level: 'none',
    message: 'read off the stage when metrics are asked for',
    fields: { stage, topic: field.topic(), partition, lagRecords: field.count(), lagMs: field.durationMs() },
    metrics: [
      {
        kind: 'gauge',
        name: 'vigil_stage_lag_records',
        help: 'Last stable offset minus position.',
        labels: ['stage', 'topic', 'partition'],
        value: 'lagRecords',
      },
      {
        kind: 'gauge',
        name: 'vigil_stage_lag_seconds',
        help: 'Now minus the ingestion time of the record at the position; 0 when read to the end.',
        labels: ['stage', 'topic', 'partition'],
        value: 'lagMs',
      },
    ],
  }),
});
