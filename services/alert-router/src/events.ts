import { defineEvents, endToEndBuckets, event, field } from '@vigil/runtime';
import { channels } from './domain/route.ts';
import { severities } from './domain/severity.ts';

const channel = () => field.oneOf(...channels);

/** What alert-router tells logs and metrics. Nothing of a patient can be in it. */
export const events = defineEvents('alert-router', {
  delivered: event({
    level: 'info',
    message: 'a provider took the page of an incident',
    fields: { channel: channel(), severity: field.oneOf(...severities), latencyMs: field.durationMs() },
    metric: {
      kind: 'histogram',
      name: 'vigil_alert_latency_seconds',
      help: 'Time from the arrival of the reading to the 2xx of the provider; historic alerts are left out.',
      labels: ['channel', 'severity'],
      value: 'latencyMs',
      buckets: endToEndBuckets,
    },
  }),
  attempted: event({
    level: 'none',
    message: 'a delivery was attempted',
    fields: { channel: channel(), outcome: field.oneOf('accepted', 'retry', 'permanent', 'blocked') },
    metric: {
      kind: 'counter',
      name: 'vigil_alert_delivery_attempts_total',
      help: 'Attempts to deliver a message, by what they came to.',
      labels: ['channel', 'outcome'],
    },
  }),
  quarantined: event({
    level: 'error',
    message: 'a provider refused a message for good; engineering is told',
    fields: { channel: channel(), status: field.count() },
    metric: {
      kind: 'counter',
      name: 'vigil_alert_quarantined_messages_total',
      help: 'Messages that a provider refused for good.',
      labels: ['channel'],
    },
  }),
  breakerOpened: event({
    level: 'error',
    message: 'a provider is held back from after repeated failures; engineering is told',
    fields: { channel: channel(), key: field.ownName() },
    metric: { kind: 'counter', name: 'vigil_alert_breaker_openings_total', help: 'Times that a breaker opened.', labels: ['channel'] },
  }),
  breakerClosed: event({
    level: 'info',
    message: 'a provider answers again',
    fields: { channel: channel(), key: field.ownName() },
  }),
  active: event({
    level: 'none',
    message: 'incidents that are not over were counted',
    fields: { count: field.count() },
    metric: { kind: 'gauge', name: 'vigil_alert_active_incidents', help: 'Incidents that are not over.', value: 'count' },
  }),
  undelivered: event({
    level: 'none',
    message: 'undelivered incidents were counted',
    fields: { count: field.count() },
    metric: {
      kind: 'gauge',
      name: 'vigil_alert_undelivered_incidents',
      help: 'Open incidents that no outside channel took; any above 0 needs a person now.',
      value: 'count',
    },
  }),
  waiting: event({
    level: 'none',
    message: 'the age of the outbox was measured',
    fields: { ageMs: field.durationMs() },
    metric: {
      kind: 'gauge',
      name: 'vigil_alert_oldest_message_milliseconds',
      help: 'Age of the oldest message that no provider has taken yet.',
      value: 'ageMs',
    },
  }),
  pruned: event({
    level: 'info',
    message: 'incidents whose retention was over were deleted',
    fields: { count: field.count() },
    metric: {
      kind: 'counter',
      name: 'vigil_alert_pruned_incidents_total',
      help: 'Incidents that were deleted because their retention was over.',
      by: 'count',
    },
  }),
  stranded: event({
    level: 'error',
    message: 'incidents had no next step, or one that is overdue',
    fields: { stranded: field.count(), overdue: field.count() },
    metric: {
      kind: 'counter',
      name: 'vigil_alert_stranded_incidents_total',
      help: 'Open incidents that the auditor found without a next step; they were set in motion again.',
      by: 'stranded',
    },
  }),
  heartbeat: event({
    level: 'debug',
    message: 'the auditor has been round',
    fields: { atSeconds: field.number() },
    metric: {
      kind: 'gauge',
      name: 'vigil_alert_auditor_heartbeat_timestamp_seconds',
      help: 'When the auditor last completed a round, seconds since the epoch; page when it stands still.',
      value: 'atSeconds',
    },
  }),
  heartbeatUnheard: event({
    level: 'warn',
    message: 'the receiver of the heartbeat did not answer as it should',
    fields: { status: field.count() },
  }),
  answered: event({
    level: 'info',
    message: 'a responder answered a page',
    fields: { answer: field.oneOf('acknowledged', 'resolved'), taken: field.flag() },
    metric: { kind: 'counter', name: 'vigil_alert_answers_total', help: 'Answers of responders.', labels: ['answer'] },
  }),
  webhookRefused: event({
    level: 'warn',
    message: 'a webhook was refused',
    fields: { reason: field.oneOf('signature', 'shape') },
    metric: { kind: 'counter', name: 'vigil_alert_refused_webhooks_total', help: 'Webhooks that were refused.', labels: ['reason'] },
  }),
  dependencyAway: event({
    level: 'warn',
    message: 'a dependency does not answer; the work is taken up again shortly',
    fields: { code: field.errorCode() },
    metric: {
      kind: 'counter',
      name: 'vigil_alert_dependency_failures_total',
      help: 'Turns that a dependency kept from ending.',
      labels: ['code'],
    },
  }),
});
