import { beforeEach, expect, test } from '@jest/globals';
import { pagerDutySignature, pagerDutyWebhookBody } from '@vigil/testing';
import { handlePagerDutyWebhook, type WebhookOptions } from './handle-pagerduty-webhook.ts';

const secret = 'webhook-secret-of-tests';
let acknowledged: string[] = [];
let told: object[] = [];
let nudges = 0;
const options: WebhookOptions = {
  secrets: [secret],
  book: {
    acknowledge: async (dedupKey) => {
      acknowledged.push(dedupKey);
      return dedupKey.startsWith('ours');
    },
  },
  events: {
    answered: (facts: object) => void told.push(facts),
    webhookRefused: (facts: object) => void told.push(facts),
  } as unknown as WebhookOptions['events'],
  onChanged: () => void nudges++,
};
const send = (body: string, signature = pagerDutySignature(secret, body)) =>
  handlePagerDutyWebhook(options, { signature, body: Buffer.from(body) });

beforeEach(() => {
  [acknowledged, told, nudges] = [[], [], 0];
});

test.each(['acknowledged', 'resolved'] as const)('%s is taken as an answer', async (answer) => {
  const body = pagerDutyWebhookBody({ eventType: `incident.${answer}`, dedupKey: 'ours-1' });

  expect(await send(body)).toBe(202);
  expect(acknowledged).toEqual(['ours-1']);
  expect(told).toEqual([{ answer, taken: true }]);
  expect(nudges).toBe(1);
});

test('an answer to somebody else’s incident is taken off PagerDuty’s hands', async () => {
  expect(await send(pagerDutyWebhookBody({ eventType: 'incident.acknowledged', dedupKey: 'theirs' }))).toBe(202);
  expect(told).toEqual([{ answer: 'acknowledged', taken: false }]);
  expect(nudges).toBe(0);
});

test('other events, and incidents without a key, are let pass', async () => {
  expect(await send(pagerDutyWebhookBody({ eventType: 'incident.triggered', dedupKey: 'ours-1' }))).toBe(202);
  expect(await send(JSON.stringify({ event: { event_type: 'incident.resolved', data: { incident_key: null } } }))).toBe(202);
  expect(acknowledged).toEqual([]);
});

test('a webhook without a right signature does nothing', async () => {
  const body = pagerDutyWebhookBody({ eventType: 'incident.acknowledged', dedupKey: 'ours-1' });

  expect(await send(body, pagerDutySignature('another secret', body))).toBe(401);
  expect(await handlePagerDutyWebhook(options, { signature: undefined, body: Buffer.from(body) })).toBe(401);
  expect(acknowledged).toEqual([]);
  expect(told).toEqual([{ reason: 'signature' }, { reason: 'signature' }]);
});

test.each(['not json', '[]', '{"event":{}}'])('a signed body of another shape is refused: %s', async (body) => {
  expect(await send(body)).toBe(400);
  expect(told).toEqual([{ reason: 'shape' }]);
});
