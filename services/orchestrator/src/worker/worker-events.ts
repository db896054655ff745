import { workflowPools } from '@vigil/contracts';
import { defineEvents, event, field } from '@vigil/runtime';

/** What workers log and count. */
export const workerEvents = defineEvents('orchestrator-worker', {
  attemptStarted: event({
    level: 'debug',
    message: 'an attempt of a task was started',
    fields: { waitedMs: field.durationMs() },
    metrics: [{ kind: 'counter', name: 'vigil_worker_attempts_started_total', help: 'Attempts of tasks that were started.' }],
  }),
  attemptEnded: event({
    level: 'debug',
    message: 'an attempt of a task ended',
    fields: { how: field.oneOf('succeeded', 'failed', 'cancelled', 'given-up'), lastedMs: field.durationMs() },
    metric: {
      kind: 'counter',
      name: 'vigil_worker_attempts_ended_total',
      help: 'Attempts of tasks that ended, by how; given-up = handed back, overtaken or without a lease.',
      labels: ['how'],
    },
  }),
  underWay: event({
    level: 'none',
    message: 'attempts under way were counted',
    fields: { attempts: field.count() },
    metric: { kind: 'gauge', name: 'vigil_worker_attempts', help: 'Attempts of tasks under way.', value: 'attempts' },
  }),
  requestUnreadable: event({
    level: 'error',
    message: 'a request of a task cannot be read',
    fields: { pool: field.oneOf(...workflowPools) },
    metric: { kind: 'counter', name: 'vigil_worker_unreadable_requests_total', help: 'Requests that could not be read.', labels: ['pool'] },
  }),
  slotForgotten: event({
    level: 'warn',
    message: 'a replication slot of a source that is no longer declared keeps log in its database',
    fields: { source: field.ownName(), slot: field.ownName(), keptBytes: field.count() },
    metric: {
      kind: 'gauge',
      name: 'vigil_forgotten_slot_bytes',
      help: 'Log that a database keeps for a replication slot whose source is no longer declared; 0 = it is gone.',
      value: 'keptBytes',
      labels: ['source', 'slot'],
    },
  }),
  dependencyAway: event({
    level: 'warn',
    message: 'something the worker needs does not answer',
    fields: { code: field.errorCode() },
    metric: {
      kind: 'counter',
      name: 'vigil_worker_dependency_failures_total',
      help: 'Failures of Kafka, registry or database that were tried again.',
      labels: ['code'],
    },
  }),
});
