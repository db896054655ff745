import { expect, test } from '@jest/globals';
import { bindEvents, createMetrics } from '@vigil/runtime';
import { alertSink, events, settings } from './index.ts';

const enough = {
  VIGIL_KAFKA_BROKERS: '127.0.0.1:9092',
  VIGIL_SCHEMA_REGISTRY_URL: 'http://127.0.0.1:8081',
  VIGIL_DATABASE_URL: 'postgres://127.0.0.1/vigil',
  VIGIL_KEYS_FILE: '/keys.json',
  VIGIL_SMTP_URL: 'smtp://127.0.0.1:25',
};

test('what is not set has a default; the policy and the stand-in’s keys are found wherever the service is started', () => {
  expect(settings.parse(enough)).toMatchObject({
    policyFile: expect.stringMatching(/\/infra\/alerting\/policy\.yaml$/),
    providerKeysFile: expect.stringMatching(/\/infra\/alerting\/stand-in-keys\.json$/),
    pagerDutyUrl: 'https://events.pagerduty.com',
    lateAfterMs: 30_000,
    incidentUrl: undefined,
  });
});

test('the address of incidents says where their id goes', () => {
  const incidentUrl = 'https://wards.example/incidents/{incident}';

  expect(settings.parse({ ...enough, VIGIL_INCIDENT_URL: incidentUrl })).toMatchObject({ incidentUrl });
  expect(() => settings.parse({ ...enough, VIGIL_INCIDENT_URL: 'https://wards.example' })).toThrow(/VIGIL_INCIDENT_URL[^]*{incident}/);
});

test('every problem of the settings is reported at once, and the mail server’s password is not shown', () => {
  const broken = { ...enough, VIGIL_SMTP_URL: 'ftp://user:PASSWORD@mail', VIGIL_WEBHOOK_PORT: '99999', VIGIL_KAFKA_BROKERS: undefined };

  expect(() => settings.parse(broken)).toThrow(expect.objectContaining({ code: 'BAD_SETTINGS' }));
  expect(() => settings.parse(broken)).toThrow(/VIGIL_KAFKA_BROKERS[^]*VIGIL_SMTP_URL[^]*VIGIL_WEBHOOK_PORT/);
  expect(() => settings.parse(broken)).not.toThrow('PASSWORD');
});

test('the service reads alerts and troubles of the fleet, and nothing else', () => {
  expect(alertSink.sources.map(({ topic }) => topic.name)).toEqual(['alerts.alert.raised.v1', 'operations.trouble.raised.v1']);
});

test('the alert latency is a histogram in seconds with a boundary on every objective', async () => {
  const metrics = createMetrics('alert-router');
  bindEvents(events, { write: () => undefined, metrics }).delivered({ channel: 'pagerduty', severity: 'critical', latencyMs: 400 });

  const text = await metrics.expose();
  for (const le of ['0.05', '0.25', '0.5', '1', '30', '900']) expect(text).toContain(`le="${le}"`);
  expect(text).toMatch(/vigil_alert_latency_seconds_sum\{[^}]*\} 0\.4/);
});
