import { createServer, type Server } from 'node:http';
import { createServer as createTcpServer } from 'node:net';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { startProviders, type Providers } from '@vigil/testing';
import { testKeys } from '../../fixtures/router-harness.ts';
import type { Action } from '../domain/action.ts';
import type { Channel } from '../domain/route.ts';
import type { Claimed } from '../handlers/ports.ts';
import { createHeartbeat } from './create-heartbeat.ts';
import { createSenders } from './create-senders.ts';
import { startWebhookServer } from './start-webhook-server.ts';

let providers: Providers;
beforeEach(async () => {
  providers = await startProviders({ slackPerSecond: 1000 });
});
afterEach(() => providers.close());

const addresses: Readonly<Record<Channel, string>> = { pagerduty: 'nurses-key', slack: 'nurses-chat', email: 'nurses@hospital.example' };
const message = (channel: Channel, changes: Partial<Claimed> = {}): Claimed => ({
  outboxId: 1,
  incidentId: 'k1.incident',
  page: 1,
  channel,
  address: addresses[channel],
  dedupKey: 'k1.incident-1',
  action: 'trigger',
  text: { incidentId: 'k1.incident', severity: 'critical', summary: 'Critical patient alert' },
  attempts: 1,
  ...changes,
});
const send = (claimed: Claimed, changes: Partial<Parameters<typeof createSenders>[0]> = {}) =>
  createSenders({
    keys: testKeys,
    pagerDutyUrl: providers.url,
    slackUrl: providers.url,
    smtpUrl: providers.smtpUrl,
    mailFrom: 'vigil@hospital.example',
    incidentUrl: 'https://vigil.example/incidents/{incident}?from=page',
    timeoutMs: 300,
    ...changes,
  })[claimed.channel](claimed);

test.each(['pagerduty', 'slack', 'email'] as const)('%s takes a page, and the message that it is over', async (channel) => {
  for (const action of ['trigger', 'resolve'] as const)
    expect(await send(message(channel, { action }))).toMatchObject({ outcome: 'accepted', isFailure: false });
  expect(JSON.stringify(providers.log.accepted[0]?.message)).toContain('Critical patient alert');
  expect(JSON.stringify(providers.log.accepted.at(channel === 'pagerduty' ? 0 : 1)?.message)).toContain(
    'https://vigil.example/incidents/k1.incident?from=page',
  );
});

test.each(['pagerduty', 'slack', 'email'] as const)('%s gets no link where nothing shows incidents', async (channel) => {
  await send(message(channel), { incidentUrl: undefined });

  const [page] = providers.log.accepted;
  expect(JSON.stringify(page?.message)).toContain('k1.incident');
  expect(JSON.stringify(page?.message)).not.toMatch(/https?:|Open the incident|undefined|null/);
});

test('PagerDuty gets the longest summary it takes, whatever the length', async () => {
  const text = { incidentId: 'k1.incident', severity: 'info', summary: 'x'.repeat(5000) } as const;

  expect(await send(message('pagerduty', { text }))).toMatchObject({ outcome: 'accepted' });
  expect(await send(message('slack', { text: { ...text, summary: '<&>'.repeat(10) } }))).toMatchObject({ outcome: 'accepted' });
  expect(providers.log.accepted[1]?.message['text']).toContain('&lt;&amp;&gt;');
});

test.each<[Channel, Action]>([
  ['pagerduty', 'acknowledge'],
  ['pagerduty', 'resolve'],
])('%s gets %s without a payload', async (channel, action) => {
  await send(message(channel, { action }));

  expect(providers.log.accepted[0]?.message).toEqual({
    routing_key: testKeys.pagerduty['nurses-key'],
    event_action: action,
    dedup_key: 'k1.incident-1',
  });
});

test('answers are told apart: later with its wait, never, silence, and a 200 that is no ok', async () => {
  providers.faults.set('pagerduty', { kind: 'fail', status: 429, retryAfterSeconds: 7 }, 1);
  expect(await send(message('pagerduty'))).toEqual({ outcome: 'retry', isFailure: false, status: 429, retryAfterMs: 7000 });
  expect(await send(message('pagerduty', { address: 'no-such-key' }))).toMatchObject({ outcome: 'permanent', status: 400 });
  providers.faults.set('slack', { kind: 'down' }, 1);
  expect(await send(message('slack'))).toEqual({ outcome: 'retry', isFailure: true, status: null, retryAfterMs: null });
  providers.faults.set('pagerduty', { kind: 'slow', delayMs: 600 }, 1);
  expect(await send(message('pagerduty'))).toMatchObject({ outcome: 'retry', status: null });
  const polite = createServer((_request, response) => response.end('<html>sign in</html>')).listen(0, '127.0.0.1');
  await once(polite, 'listening');
  const slackUrl = `http://127.0.0.1:${(polite.address() as AddressInfo).port}`;
  expect(await send(message('slack'), { slackUrl })).toMatchObject({ outcome: 'retry', isFailure: true, status: 200 });
  expect(await send(message('pagerduty'), { pagerDutyUrl: slackUrl })).toMatchObject({ outcome: 'retry', isFailure: true, status: 200 });
  polite.close();
});

test('mail is told apart by its own codes', async () => {
  providers.faults.set('email', { kind: 'fail', status: 451 }, 1);
  expect(await send(message('email'))).toMatchObject({ outcome: 'retry', isFailure: true, status: 451 });
  expect(await send(message('email', { address: 'nobody@localhost' }))).toMatchObject({ outcome: 'permanent' });
  expect(await send(message('email'), { smtpUrl: 'smtp://127.0.0.1:1' })).toMatchObject({ outcome: 'retry', status: null });
});

test('a mail server that draws every step out is given up before the claim of the message ends', async () => {
  // Never silent for as long as a time-out: each step would begin it anew.
  const tarpit = createTcpServer((socket) => {
    socket.write('220 here\r\n');
    const drip = setInterval(() => socket.write('250-wait\r\n'), 100);
    socket.on('close', () => clearInterval(drip)).on('error', () => undefined);
  }).listen(0, '127.0.0.1');
  await once(tarpit, 'listening');

  const smtpUrl = `smtp://127.0.0.1:${(tarpit.address() as AddressInfo).port}`;
  const verdict = await Promise.race([
    send(message('email'), { smtpUrl }),
    new Promise((resolve) => setTimeout(resolve, 3000, 'under way')),
  ]);
  expect(verdict).toMatchObject({ outcome: 'retry', status: null });
  tarpit.close();
});

test('the heartbeat says whether it was heard', async () => {
  const receiver: Server = createServer((_request, response) => response.writeHead(204).end()).listen(0, '127.0.0.1');
  await once(receiver, 'listening');

  expect(await createHeartbeat(`http://127.0.0.1:${(receiver.address() as AddressInfo).port}`, 1000)()).toBe(204);
  expect(await createHeartbeat('http://127.0.0.1:1', 1000)()).toBe(0);
  receiver.close();
});

test('the webhook server hands over exact bytes, refuses floods, and asks to come again when it cannot', async () => {
  const seen: string[] = [];
  const troubles: unknown[] = [];
  const server = await startWebhookServer({
    host: '127.0.0.1',
    port: 0,
    handle: async ({ signature, body }) => {
      if (signature === 'away') throw new Error('database');
      seen.push(`${signature} ${body.toString()}`);
      return 202;
    },
    onTrouble: (error) => void troubles.push(error),
  });
  const post = async (init: RequestInit): Promise<number> =>
    (await fetch(`http://127.0.0.1:${server.port}/v1/webhooks/pagerduty`, { method: 'POST', ...init })).status;

  expect(await post({ body: '{ "a" : 1 }', headers: { 'x-pagerduty-signature': 'v1=x' } })).toBe(202);
  expect(await post({})).toBe(202);
  expect(seen).toEqual(['v1=x { "a" : 1 }', 'undefined ']);
  expect(await post({ body: 'x'.repeat(600_000) })).toBe(413);
  expect(await post({ body: '{}', headers: { 'x-pagerduty-signature': 'away' } })).toBe(503);
  expect(troubles).toHaveLength(1);
  expect(await post({ method: 'GET' })).toBe(404);
  const taken = { host: '127.0.0.1', port: server.port, handle: async () => 202, onTrouble: () => undefined };
  await expect(startWebhookServer(taken)).rejects.toMatchObject({ code: 'PORT_TAKEN' });
  await server.close();
});
