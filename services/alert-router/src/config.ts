import { fileURLToPath } from 'node:url';
import {
  databaseSettings,
  defineSettings,
  keySettings,
  integer,
  milliseconds,
  path,
  port,
  serviceSettings,
  setting,
  text,
  url,
} from '@vigil/runtime';

const alerting = (file: string): string => fileURLToPath(new URL(`../../../infra/alerting/${file}`, import.meta.url));

/** Settings of alert-router. */
export const settings = defineSettings('alert-router', {
  ...serviceSettings,
  ...databaseSettings,
  ...keySettings,
  policyFile: setting({
    env: 'VIGIL_ALERT_POLICY_FILE',
    schema: path().default(alerting('policy.yaml')),
    doc: 'path of the routing and escalation policy (YAML).',
  }),
  providerKeysFile: setting({
    env: 'VIGIL_PROVIDER_KEYS_FILE',
    schema: path().default(alerting('stand-in-keys.json')),
    doc: 'path of the JSON file with the PagerDuty, Slack and webhook secrets, readable by its owner only; the default serves the local stand-in and nothing else.',
  }),
  pagerDutyUrl: setting({
    env: 'VIGIL_PAGERDUTY_URL',
    schema: url('http', 'https').default('https://events.pagerduty.com'),
    doc: 'base URL of PagerDuty’s Events API v2.',
  }),
  slackUrl: setting({
    env: 'VIGIL_SLACK_URL',
    schema: url('http', 'https').default('https://hooks.slack.com'),
    doc: 'base URL of Slack’s incoming webhooks; their paths are in the provider keys file.',
  }),
  smtpUrl: setting({
    env: 'VIGIL_SMTP_URL',
    schema: url('smtp', 'smtps'),
    doc: 'URL of the mail server, with user and password where it wants them.',
    secret: true,
  }),
  incidentUrl: setting({
    env: 'VIGIL_INCIDENT_URL',
    schema: url('http', 'https')
      .refine((address) => address.includes('{incident}'), 'does not say where the id goes: {incident}')
      .describe('URL (http, https) with {incident}')
      .optional(),
    doc: 'address that shows an incident to who is paged, {incident} standing for its id, such as a dashboard over schema alerting; without it messages name the incident and have no link, because the console shows workflows only.',
  }),
  webhookHost: setting({
    env: 'VIGIL_WEBHOOK_HOST',
    schema: text({ max: 255 }).default('127.0.0.1'),
    doc: 'address that PagerDuty’s webhooks are taken on.',
  }),
  webhookPort: setting({
    env: 'VIGIL_WEBHOOK_PORT',
    schema: port().default(0),
    doc: 'port that PagerDuty’s webhooks are taken on; 0 takes a free one.',
  }),
  heartbeatUrl: setting({
    env: 'VIGIL_HEARTBEAT_URL',
    schema: url('http', 'https').optional(),
    doc: 'URL that gets a POST after each round of the auditor; whoever watches it pages when it falls silent.',
    secret: true,
  }),
  lateAfterMs: setting({
    env: 'VIGIL_ALERT_LATE_AFTER_MS',
    schema: milliseconds({ min: 1000, max: 600_000 }).default(30_000),
    doc: 'an alert that is older than this on arrival came through an outage: it is paged with its age once its partition is caught up, if it is still open.',
  }),
  providerTimeoutMs: setting({
    env: 'VIGIL_PROVIDER_TIMEOUT_MS',
    schema: milliseconds({ min: 100, max: 10_000 }).default(5000),
    doc: 'longest wait for a provider’s answer.',
  }),
  alertRetentionDays: setting({
    env: 'VIGIL_ALERT_RETENTION_DAYS',
    schema: integer({ min: 30, max: 36_500 }).default(400),
    doc: 'days after which an incident that is over is deleted, with its messages, attempts and timeline; longer than the topics keep alerts, or a rewind would page again.',
  }),
  deliveriesAtOnce: setting({
    env: 'VIGIL_ALERT_DELIVERIES_AT_ONCE',
    schema: integer({ min: 1, max: 64 }).default(8),
    doc: 'messages of one channel that are under way at once.',
  }),
});
