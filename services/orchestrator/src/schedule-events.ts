import { event, field } from '@vigil/runtime';

/** What schedules and the API log and count. */
export const scheduleEvents = {
  schedulesTaken: event({
    level: 'none',
    message: 'schedules that were due were decided about',
    fields: { schedules: field.count(), started: field.count(), lateMs: field.durationMs() },
    metrics: [
      { kind: 'counter', name: 'vigil_schedules_decided_total', help: 'Times that a due schedule was decided about.', by: 'schedules' },
      { kind: 'counter', name: 'vigil_schedule_runs_total', help: 'Runs that schedules requested by the clock.', by: 'started' },
      {
        kind: 'histogram',
        name: 'vigil_schedule_late_seconds',
        help: 'How long after its time the latest run of a look was requested; what was caught up shows as late.',
        value: 'lateMs',
        buckets: [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 1.5, 2.5, 5, 10, 60],
      },
    ],
  }),
  scheduleFailed: event({
    level: 'error',
    message: 'a schedule could not be decided about; it is looked at again in half a minute',
    fields: { workflow: field.ownName() },
    metric: {
      kind: 'counter',
      name: 'vigil_schedule_failures_total',
      help: 'Looks at a schedule that failed.',
      labels: ['workflow'],
    },
  }),
  startPostponed: event({
    level: 'error',
    message: 'runs could not be started and were put off by a minute; the others go on',
    fields: { of: field.oneOf('trigger', 'backfill', 'run'), code: field.errorCode() },
    metric: {
      kind: 'counter',
      name: 'vigil_starts_postponed_total',
      help: 'Triggers of a schedule, backfills and runs that were put off because they could not be started or moved.',
      labels: ['of', 'code'],
    },
  }),
  schedulesTroubled: event({
    level: 'warn',
    message: 'schedules could not be looked at; it is tried again',
    fields: { code: field.errorCode() },
    metric: { kind: 'counter', name: 'vigil_schedule_troubles_total', help: 'Looks at all schedules that failed.', labels: ['code'] },
  }),
  sourceNotPolled: event({
    level: 'warn',
    message: 'a source could not be looked at for new files',
    fields: { source: field.ownName(), code: field.errorCode() },
    metric: {
      kind: 'counter',
      name: 'vigil_source_poll_failures_total',
      help: 'Looks at a source for new files that failed.',
      labels: ['source', 'code'],
    },
  }),
  apiServed: event({ level: 'info', message: 'the API of workflows is served', fields: { port: field.port() } }),
  apiAnswered: event({
    level: 'none',
    message: 'a request to the API of workflows was answered',
    fields: { operation: field.ownName(), class: field.oneOf('2xx', '3xx', '4xx', '5xx') },
    metric: {
      kind: 'counter',
      name: 'vigil_api_requests_total',
      help: 'Requests to the API of workflows, by operation and class of status.',
      labels: ['operation', 'class'],
    },
  }),
};
