import { connect } from 'node:net';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { createServer } from 'node:http';
import { once } from 'node:events';
import { createTransport } from 'nodemailer';
import { pagerDutySignature, startProviders, type Providers } from './index.ts';

const key = 'a'.repeat(32);
const unknownKey = 'b'.repeat(32);
const webhook = '/services/T0000/B0000/abcdefgh';
let nowMs = 1_000_000;
let providers: Providers;

beforeEach(async () => {
  nowMs = 1_000_000;
  providers = await startProviders({
    clock: { now: () => nowMs },
    routingKeys: new Set([key]),
    slackWebhooks: new Set([webhook, '/services/T0000/B0000/revoked1']),
    revokedSlackWebhooks: new Set(['/services/T0000/B0000/revoked1']),
  });
});
afterEach(() => providers.close());

const event = (changes: object = {}): Record<string, unknown> => ({
  routing_key: key,
  event_action: 'trigger',
  dedup_key: 'incident-1',
  payload: { summary: 'Critical alert', source: 'vigil', severity: 'critical' },
  ...changes,
});
const post = (path: string, body: unknown, contentType = 'application/json') =>
  fetch(`${providers.url}${path}`, {
    method: 'POST',
    headers: { 'content-type': contentType },
    body: typeof body === 'string' || Buffer.isBuffer(body) ? body : JSON.stringify(body),
  });
const page = (changes?: object) => post('/v2/enqueue', event(changes));
const tell = (text: unknown, path = webhook) => post(path, { text });

test('a complete trigger is accepted and listed as it came, with its time', async () => {
  const response = await page();

  expect(response.status).toBe(202);
  expect(await response.json()).toEqual({ status: 'success', message: 'Event processed', dedup_key: 'incident-1' });
  const listed = (await (await fetch(`${providers.url}/accepted`)).json()) as { accepted: object[] };
  expect(listed.accepted).toEqual([
    { channel: 'pagerduty', recipient: key, acceptedAtMs: nowMs, acceptedAt: new Date(nowMs).toISOString(), message: event() },
  ]);
});

test('a trigger without a dedup key gets one, an acknowledge or resolve without one is refused', async () => {
  const answer = (await (await page({ dedup_key: undefined })).json()) as { dedup_key: string };

  expect(answer.dedup_key).toMatch(/^standin-/);
  expect((await page({ event_action: 'resolve', dedup_key: undefined })).status).toBe(400);
  expect((await page({ event_action: 'resolve', payload: undefined })).status).toBe(202);
});

const payload = (changes: object): object => ({ payload: { summary: 's', source: 'vigil', severity: 'info', ...changes } });
test.each([
  ['no routing key', { routing_key: undefined }],
  ['a short routing key', { routing_key: 'a'.repeat(31) }],
  ['a routing key of no service', { routing_key: unknownKey }],
  ['an unknown action', { event_action: 'open' }],
  ['no payload', { payload: undefined }],
  ['a blank summary', payload({ summary: ' ' })],
  ['a summary of 1025 characters', payload({ summary: 'x'.repeat(1025) })],
  ['no source', payload({ source: undefined })],
  ['an unknown severity', payload({ severity: 'fatal' })],
  ['a timestamp that is none', payload({ timestamp: 'yesterday' })],
  ['an unknown field in the payload', payload({ patient: 'x' })],
  ['an unknown field', { patient: 'x' }],
  ['an empty dedup key', { dedup_key: '' }],
  ['a dedup key of 256 characters', { dedup_key: 'k'.repeat(256) }],
])('PagerDuty refuses %s', async (_name, changes) => {
  expect((await page(changes)).status).toBe(400);
  expect(providers.log.accepted).toHaveLength(0);
  expect(providers.log.refused).toHaveLength(1);
});

test('PagerDuty takes the longest summary, dedup key and a timestamp', async () => {
  const changes = { dedup_key: 'k'.repeat(255), ...payload({ summary: 'x'.repeat(1024), timestamp: '2024-03-15T14:30:00Z' }) };

  expect((await page(changes)).status).toBe(202);
});

test('PagerDuty refuses what is no JSON object, and more than 512 KB', async () => {
  expect((await post('/v2/enqueue', 'hello')).status).toBe(400);
  expect((await post('/v2/enqueue', '[]')).status).toBe(400);
  expect((await post('/v2/enqueue', Buffer.from([0xff, 0xfe]))).status).toBe(400);
  expect((await post('/v2/enqueue', ' '.repeat(512 * 1024 + 1))).status).toBe(413);
  expect((await post('/v2/enqueue', ' '.repeat(5 * 1024 * 1024))).status).toBe(413);
});

test('PagerDuty takes 120 events a minute of one key, then says how long to wait', async () => {
  for (let n = 0; n < 120; n++) expect((await page({ dedup_key: `k${n}` })).status).toBe(202);
  const refused = await page({ dedup_key: 'one-more' });

  expect(refused.status).toBe(429);
  expect(refused.headers.get('retry-after')).toBe('60');
  nowMs += 60_001;
  expect((await page()).status).toBe(202);
});

test('Slack answers ok to text or blocks, once a second', async () => {
  const first = await tell('an alert');

  expect([first.status, await first.text()]).toEqual([200, 'ok']);
  const second = await tell('another');
  expect([second.status, second.headers.get('retry-after'), await second.text()]).toEqual([429, '1', 'rate_limited']);
  nowMs += 1001;
  const blocks = [{ type: 'section', text: { type: 'mrkdwn', text: 'x'.repeat(3000) } }, { type: 'divider' }];
  expect((await post(webhook, { text: 'third', blocks })).status).toBe(200);
});

test.each([
  ['no text', {}, 'no_text'],
  ['blank text', { text: ' ' }, 'no_text'],
  ['text of 40001 characters', { text: 'x'.repeat(40_001) }, 'msg_too_long'],
  ['51 blocks', { blocks: Array.from({ length: 51 }, () => ({ type: 'divider' })) }, 'invalid_blocks'],
  ['a block without type', { blocks: [{}] }, 'invalid_blocks'],
  ['a section without text', { blocks: [{ type: 'section' }] }, 'invalid_blocks'],
  ['a section of 3001 characters', { blocks: [{ type: 'section', text: { text: 'x'.repeat(3001) } }] }, 'invalid_blocks'],
])('Slack refuses %s', async (_name, message, word) => {
  const refused = await post(webhook, message);

  expect([refused.status, await refused.text()]).toEqual([400, word]);
});

test('Slack knows its webhooks and its content type', async () => {
  expect((await tell('x', '/services/T0000/B0000/unknown1')).status).toBe(404);
  expect((await tell('x', '/services/nonsense')).status).toBe(404);
  expect((await tell('x', '/services/T0000/B0000/revoked1')).status).toBe(403);
  expect((await post(webhook, '{"text":"x"}', 'text/plain')).status).toBe(400);
});

const mail = { from: 'vigil@hospital.example', to: 'charge@hospital.example', subject: 'Critical alert', text: 'Open the link.' };
const transport = () => createTransport(providers.smtpUrl, { ignoreTLS: true } as never);

test('a mail is accepted with its recipient, subject and text', async () => {
  await transport().sendMail(mail);

  expect(providers.log.accepted[0]).toMatchObject({
    channel: 'email',
    recipient: mail.to,
    message: { subject: mail.subject, text: mail.text },
  });
});

test.each([
  ['an address without a domain', { to: 'charge@localhost' }],
  ['no subject', { subject: '' }],
  ['no text', { text: '' }],
  ['more than a megabyte', { text: 'x\n'.repeat(600_000) }],
])('a mail with %s is refused', async (_name, changes) => {
  await expect(transport().sendMail({ ...mail, ...changes })).rejects.toMatchObject({ responseCode: expect.any(Number) });
  expect(providers.log.accepted).toHaveLength(0);
});

test('a mail that is nothing but a line is refused', async () => {
  const { hostname, port } = new URL(providers.smtpUrl);
  const socket = connect(Number(port), hostname);
  const lines = ['HELO x', 'MAIL FROM:<>', 'RCPT TO:<a@b.example>', 'DATA', 'nothing\r\n.'];
  for (const line of lines) {
    await once(socket, 'data');
    socket.write(`${line}\r\n`);
  }
  const [verdict] = (await once(socket, 'data')) as [Buffer];
  expect(verdict.toString()).toMatch(/^554/);
  socket.destroy();

  expect(providers.log.refused.at(-1)).toMatchObject({ channel: 'email', status: 554 });
});

const order = (body: object) => post('/control/faults', body);

test('a provider fails as often as it is told, then recovers', async () => {
  await order({ channel: 'pagerduty', fault: { kind: 'fail', status: 503, retryAfterSeconds: 2 }, times: 1 });
  const failed = await page();

  expect([failed.status, failed.headers.get('retry-after')]).toEqual([503, '2']);
  expect((await page()).status).toBe(202);
  await order({ channel: 'slack', fault: { kind: 'fail', status: 500 } });
  expect((await tell('x')).status).toBe(500);
  await fetch(`${providers.url}/control/faults`, { method: 'DELETE' });
  expect((await tell('x')).status).toBe(200);
});

test('a provider can be slow, down, or deaf: the event is taken and the answer lost', async () => {
  await order({ channel: 'pagerduty', fault: { kind: 'slow', delayMs: 5 }, times: 1 });
  expect((await page()).status).toBe(202);
  await order({ channel: 'pagerduty', fault: { kind: 'down' }, times: 1 });
  await expect(page()).rejects.toThrow();
  expect(providers.log.accepted).toHaveLength(1);
  await order({ channel: 'pagerduty', fault: { kind: 'deaf' }, times: 1 });
  await expect(page()).rejects.toThrow();
  expect(providers.log.accepted).toHaveLength(2);
});

test('the mail server can fail, be slow and be down', async () => {
  await order({ channel: 'email', fault: { kind: 'fail', status: 451 }, times: 1 });
  await expect(transport().sendMail(mail)).rejects.toMatchObject({ responseCode: 451 });
  await order({ channel: 'email', fault: { kind: 'down' }, times: 1 });
  await expect(transport().sendMail(mail)).rejects.toThrow();
  await order({ channel: 'email', fault: { kind: 'slow', delayMs: 5 } });
  await transport().sendMail(mail);
  providers.faults.heal('email');
  expect(providers.log.accepted).toHaveLength(1);
});

test('an order that is not understood is refused, an unknown path too', async () => {
  expect((await order({ channel: 'fax', fault: { kind: 'down' } })).status).toBe(400);
  expect((await post('/control/respond', {})).status).toBe(400);
  expect((await post('/control/respond', { dedupKey: 'k', action: 'acknowledged' })).status).toBe(409);
  expect((await fetch(`${providers.url}/nowhere`)).status).toBe(404);
  expect((await fetch(`${providers.url}/health`)).status).toBe(200);
});

test('what was accepted and refused can be listed and forgotten', async () => {
  await page({ routing_key: unknownKey });

  expect(await (await fetch(`${providers.url}/refused`)).json()).toMatchObject({ refused: [{ channel: 'pagerduty', status: 400 }] });
  await fetch(`${providers.url}/accepted`, { method: 'DELETE' });
  expect(providers.log.refused).toHaveLength(0);
});

test('a responder acknowledges with a signed webhook', async () => {
  const seen: { signature: string; body: string }[] = [];
  const receiver = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk: Buffer) => (body += chunk.toString()));
    request.on('end', () => {
      seen.push({ signature: String(request.headers['x-pagerduty-signature']), body });
      response.writeHead(204).end();
    });
  }).listen(0, '127.0.0.1');
  await once(receiver, 'listening');
  const { port } = receiver.address() as { port: number };
  const answering = await startProviders({ webhook: { url: `http://127.0.0.1:${port}/`, secret: 'shared' } });

  const answer = await fetch(`${answering.url}/control/respond`, {
    method: 'POST',
    body: JSON.stringify({ dedupKey: 'incident-1', action: 'acknowledged' }),
  });

  expect(await answer.json()).toEqual({ webhookStatus: 204 });
  expect(seen[0]?.signature).toBe(pagerDutySignature('shared', seen[0]?.body ?? ''));
  expect(JSON.parse(seen[0]?.body ?? '')).toMatchObject({
    event: { event_type: 'incident.acknowledged', data: { incident_key: 'incident-1', status: 'acknowledged' } },
  });
  receiver.close();
  await answering.close();
});
