import { defineEvents, event, field } from '@vigil/runtime';
import { lagStates } from './domain/watch/lag-state.ts';
import { lineageEvents } from './lineage-events.ts';
import { runEvents } from './run-events.ts';
import { scheduleEvents } from './schedule-events.ts';

/** What orchestrator logs and counts. Autoscaling reads the lag of a group from these metrics. */
export const events = defineEvents('orchestrator', {
  groupObserved: event({
    level: 'none',
    message: 'the lag of a group was observed',
    fields: {
      group: field.ownName(),
      lagRecords: field.count(),
      lagMs: field.durationMs(),
      slope: field.number(),
      severity: field.count(),
    },
    metrics: [
      {
        kind: 'gauge',
        name: 'vigil_group_lag_records',
        help: 'Offsets that a group has not processed yet, over all its partitions.',
        labels: ['group'],
        value: 'lagRecords',
      },
      {
        kind: 'gauge',
        name: 'vigil_group_lag_seconds',
        help: 'Age of the oldest record that a group has not processed yet, of its worst partition.',
        labels: ['group'],
        value: 'lagMs',
      },
      {
        kind: 'gauge',
        name: 'vigil_group_lag_slope',
        help: 'Seconds of lag that a group gains a second; negative while it catches up.',
        labels: ['group'],
        value: 'slope',
      },
      {
        kind: 'gauge',
        name: 'vigil_group_lag_state',
        help: 'State of a group: 0 OK, 1 WARN, 2 STALL, 3 STOP, 4 REWIND.',
        labels: ['group'],
        value: 'severity',
      },
    ],
  }),
  groupTroubled: event({
    level: 'warn',
    message: 'a group is in trouble: see docs/runbooks/group-is-behind.md',
    fields: {
      group: field.ownName(),
      state: field.oneOf(...lagStates),
      lagMs: field.durationMs(),
      topic: field.topic(),
      partition: field.partition(),
    },
  }),
  groupRecovered: event({ level: 'info', message: 'a group is well again', fields: { group: field.ownName() } }),
  lagNotObserved: event({
    level: 'warn',
    message: 'the lag could not be observed',
    fields: { code: field.errorCode() },
    metric: {
      kind: 'counter',
      name: 'vigil_lag_observation_failures_total',
      help: 'Observations of the lag that failed.',
      labels: ['code'],
    },
  }),
  quarantineObserved: event({
    level: 'none',
    message: 'the age of a quarantine was observed',
    fields: { topic: field.topic(), oldestAgeMs: field.durationMs() },
    metric: {
      kind: 'gauge',
      name: 'vigil_quarantine_oldest_age_seconds',
      help: 'Age of the oldest record of a dead-letter topic that nobody sent back or discarded; 0 = none. Retention is 30 days.',
      labels: ['topic'],
      value: 'oldestAgeMs',
    },
  }),
  quarantineNotObserved: event({
    level: 'warn',
    message: 'the age of the quarantines could not be observed',
    fields: { code: field.errorCode() },
  }),
  observing: event({ level: 'info', message: 'this instance observes the lag', fields: {} }),
  standingBy: event({ level: 'info', message: 'another instance observes the lag', fields: {} }),
  ledgerReconciled: event({
    level: 'none',
    message: 'the ledger was reconciled',
    fields: { count: field.count() },
    metric: {
      kind: 'gauge',
      name: 'vigil_ledger_unaccounted_records',
      help: 'Records that no stage accounts for, beyond what is in flight; any above 0 pages engineering.',
      value: 'count',
    },
  }),
  ledgerTroubled: event({
    level: 'error',
    message: 'the ledger does not balance: see docs/runbooks/ledger-does-not-balance.md',
    fields: { group: field.ownName(), topic: field.topic(), count: field.count() },
  }),
  ledgerRecovered: event({
    level: 'info',
    message: 'the ledger balances again',
    fields: { group: field.ownName(), topic: field.topic() },
  }),
  ledgerNotReconciled: event({
    level: 'warn',
    message: 'the ledger could not be reconciled',
    fields: { code: field.errorCode() },
    metric: {
      kind: 'counter',
      name: 'vigil_ledger_reconciliation_failures_total',
      help: 'Reconciliations of the ledger that failed.',
      labels: ['code'],
    },
  }),
  ...runEvents,
  ...lineageEvents,
  ...scheduleEvents,
});
