import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { connect } from 'node:net';
import { gzipSync } from 'node:zlib';
import { VigilError } from '@vigil/core';
import { aMessage } from '../../test-support/messages.ts';
import { apiKey, received, startTestGateway, type Answer, type TestGateway } from '../../test-support/start-test-gateway.ts';
import type { JsonObject } from '../domain/read-message.ts';

const [readings, patients] = received;
const ndjson = { 'content-type': 'application/x-ndjson' };
const message = (changes: JsonObject = {}): string => JSON.stringify(aMessage(changes));
const lines = (...items: string[]): string => `${items.join('\n')}\n`;

let gateway: TestGateway;
beforeEach(async () => {
  gateway = await startTestGateway({
    readLatest: async (token) => {
      if (token.startsWith('down')) throw new VigilError('DATABASE_AWAY');
      if (token.startsWith('broken')) throw new TypeError(`no ${token}`);
      return token.startsWith('t1') ? { patientToken: token } : null;
    },
  });
});
afterEach(() => gateway.close());

/** A problem of RFC 9457 that gives nothing back of what was sent. */
function expectProblem({ status, type, body }: Answer, expected: number): void {
  expect({ status, type }).toEqual({ status: expected, type: 'application/problem+json; charset=utf-8' });
  expect(body).toMatchObject({ status: expected, type: expect.stringMatching(/^urn:vigil:problem:/), title: expect.any(String) });
  expect(JSON.stringify(body)).not.toMatch(/PAT_|MONITOR_|SECRET/);
}

test('one object, an array and NDJSON are taken, byte for byte, keyed by their device', async () => {
  const spaced = '{ "device_id":"M2",\t"patient_id":"P", "timestamp":"2024-03-15T14:30:00Z", "measurements":{"heart_rate":7.2e1} }';
  const one = await gateway.post('/v1/readings', message());
  const array = await gateway.post('/v1/readings', `[${message({ sequence: 1 })} , ${spaced}]`);
  const many = await gateway.post('/v1/readings', lines(message({ sequence: 2 }), '', message({ sequence: 3 })), ndjson);

  expect([one, array, many].map(({ status, body }) => [status, body])).toEqual([
    [202, { accepted: 1 }],
    [202, { accepted: 2 }],
    [202, { accepted: 2 }],
  ]);
  const written = gateway.written(readings);
  expect(written).toHaveLength(5);
  expect(written.find(({ key }) => key === 'M2')?.value).toBe(spaced);
  expect(gateway.answered).toMatchObject([{ route: 'readings', status: 202, items: 1 }, { items: 2 }, { items: 2 }]);
});

test('lines under the name of plain JSON are taken as lines', async () => {
  expect((await gateway.post('/v1/readings', lines(message(), message({ sequence: 1 })))).body).toEqual({ accepted: 2 });
});

test('a compressed body is taken', async () => {
  expect((await gateway.post('/v1/readings', gzipSync(message()), { 'content-encoding': 'gzip' })).status).toBe(202);
});

test('registry entries go to their topic, keyed by patient', async () => {
  const entry = '{"patient_id":"PAT_9","birth_date":"1950-07-04"}';

  expect((await gateway.post('/v1/patients', entry)).body).toEqual({ accepted: 1 });
  expect(gateway.written(patients)).toEqual([{ key: 'PAT_9', value: entry, headers: {} }]);
});

test('the trace context of a request travels with its records, a malformed one does not', async () => {
  const traceparent = `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01`;
  await gateway.post('/v1/readings', message(), { traceparent });
  await gateway.post('/v1/readings', message(), { traceparent: 'SECRET' });

  expect(gateway.written(readings).map(({ headers }) => headers)).toEqual([{ traceparent }, {}]);
});

test.each([
  ['no header', { authorization: '' }],
  ['another scheme', { authorization: `Basic ${apiKey}` }],
  ['another key', { authorization: 'Bearer something-else' }],
  ['a longer key', { authorization: `Bearer ${apiKey}x` }],
])('with %s nothing is taken', async (_what, headers) => {
  const answer = await gateway.post('/v1/readings', message(), headers);

  expectProblem(answer, 401);
  expect(answer.headers.get('www-authenticate')).toContain('Bearer');
  expectProblem(await gateway.get('/v1/patients/t1.0123456789abcdefghijkl/latest', headers), 401);
  expect(gateway.written(readings)).toEqual([]);
});

test('without any header of authorisation nothing is taken', async () => {
  expect((await fetch(`${gateway.url}/v1/readings`, { method: 'POST', body: message() })).status).toBe(401);
});

test('the scheme’s name is read in any case', async () => {
  expect((await gateway.post('/v1/readings', message(), { authorization: `bearer ${apiKey}` })).status).toBe(202);
});

test.each([
  ['not JSON', 'heart rate 72 of PAT_1', {}],
  ['a truncated object', message().slice(0, -1), {}],
  ['an array without its end', `[${message()}`, {}],
  ['a hole in an array', `[${message()},]`, {}],
  ['nothing', '', {}],
  ['an empty array', '[]', {}],
  ['empty lines', '\n\n', ndjson],
  ['a broken line among good ones', lines(message(), '{"device_id":', message()), ndjson],
  ['NaN', '{"measurements":{"heart_rate":NaN}}', {}],
  ['bytes that are no UTF-8', Buffer.from([0x7b, 0xff, 0x7d]), {}],
  ['gzip that is none', message(), { 'content-encoding': 'gzip' }],
])('a body of %s is malformed', async (_what, body, headers) => {
  expectProblem(await gateway.post('/v1/readings', body, headers), 400);
  expect(gateway.written(readings)).toEqual([]);
});

test('a broken line is named by its index', async () => {
  const { body } = await gateway.post('/v1/readings', lines(message(), '{', message()), ndjson);

  expect(body.errors).toEqual([
    { index: 1, field: '', code: 'NOT_JSON', message: 'The value is not JSON. Send one JSON object in UTF-8.' },
  ]);
});

test('a byte-order mark is refused by its name', async () => {
  const { status, body } = await gateway.post('/v1/readings', `\ufeff${message()}`);

  expect([status, body.errors?.[0]?.code]).toEqual([400, 'INVALID_UTF8']);
});

test('a body above 4 MB is too large, whether its length is told or not, and so is an item that no record holds', async () => {
  const padded = (bytes: number) => message({ own: 'x'.repeat(bytes) });
  const stream = new Blob([padded(5_000_000)]).stream();

  expectProblem(await gateway.post('/v1/readings', padded(5_000_000)), 413);
  expectProblem(await gateway.post('/v1/readings', stream), 413);
  expectProblem(await gateway.post('/v1/readings', padded(4 * 1024 * 1024 - 1000)), 413);
  expect((await gateway.post('/v1/readings', padded(2_000_000))).status).toBe(202);
});

test.each([
  ['an array', `[${'{},'.repeat(1_300_000)}{}]`, {}],
  ['lines', '1\n'.repeat(2_000_000), ndjson],
  ['lines as plain JSON', '{}\n'.repeat(1_000_000), {}],
])('a body of a million items is too large, as %s', async (_, body, headers) => {
  const answer = await gateway.post('/v1/readings', body, headers);

  expectProblem(answer, 413);
  expect(answer.body.detail).toContain('50000 items');
});

test('a compressed body that swells above 4 MB is too large', async () => {
  expectProblem(await gateway.post('/v1/readings', gzipSync(message({ own: 'x'.repeat(5_000_000) })), { 'content-encoding': 'gzip' }), 413);
});

test.each([['text/plain'], ['application/x-www-form-urlencoded'], ['application/json; charset=latin1'], ['']])(
  'a body as %j is not read',
  async (type) => {
    expectProblem(await gateway.post('/v1/readings', Buffer.from(message()), { 'content-type': type }), 415);
  },
);

test('a body without any media type is not read', async () => {
  const { status } = await fetch(`${gateway.url}/v1/readings`, {
    method: 'POST',
    body: Buffer.from(message()),
    headers: { authorization: `Bearer ${apiKey}` },
  });

  expect(status).toBe(415);
});

test('a content encoding that nobody knows is not read', async () => {
  expectProblem(await gateway.post('/v1/readings', message(), { 'content-encoding': 'compress' }), 415);
});

test('every bad field of every bad item is named, and nothing of the request is taken', async () => {
  const answer = await gateway.post(
    '/v1/readings',
    `[${[
      message(),
      message({ device_id: '', timestamp: '2024-03-15T14:30:00' }),
      message({ measurements: { heart_rate: 'SECRET', oxygen_saturation: 0 } }),
      message({ patient_id: 'SECRET\u0007', timestamp: '2034-03-15T14:30:00Z' }),
    ].join(',')}]`,
  );

  expectProblem(answer, 422);
  expect(answer.body.detail).toContain('3 items');
  expect(answer.body.errors?.map(({ index, field, code }) => [index, field, code])).toEqual([
    [1, 'device_id', 'MISSING_ID'],
    [1, 'timestamp', 'BAD_TIMESTAMP'],
    [2, 'measurements', 'NO_USABLE_FIELD'],
    [2, 'measurements.heart_rate', 'NOT_A_NUMBER'],
    [2, 'measurements.oxygen_saturation', 'ZERO_SIGNAL'],
    [3, 'patient_id', 'BAD_ID'],
    [3, 'timestamp', 'TIMESTAMP_AHEAD'],
  ]);
  for (const { message: text } of answer.body.errors ?? []) expect(text.length).toBeGreaterThan(20);
  expect(gateway.written(readings)).toEqual([]);
});

test('items that are no objects, or say a member twice, cannot be accepted', async () => {
  const { status, body } = await gateway.post('/v1/readings', `[7, ${message()}, [${message()}], {"a":1,"a":2}]`);

  expect([status, body.errors?.map(({ index, code }) => [index, code])]).toEqual([
    422,
    [
      [0, 'BAD_SHAPE'],
      [2, 'BAD_SHAPE'],
      [3, 'BAD_SHAPE'],
    ],
  ]);
});

test('an entry with a bad birth date cannot be accepted', async () => {
  const { status, body } = await gateway.post('/v1/patients', '[{"patient_id":"P1"},{"patient_id":"P2","birth_date":"soon"}]');

  expect([status, body.errors?.map(({ index, field, code }) => [index, field, code])]).toEqual([
    422,
    [[1, 'birth_date', 'BAD_BIRTH_DATE']],
  ]);
});

test('a field that was judged impossible beside others is no reason to refuse: the stream keeps it as excluded', async () => {
  expect((await gateway.post('/v1/readings', message({ measurements: { heart_rate: 0, oxygen_saturation: 97 } }))).status).toBe(202);
});

test('under lag a request is told when to come again, one with a critical reading is taken whole', async () => {
  gateway.admission.observeLag(60, 1);
  gateway.admission.request(1, Number.MAX_SAFE_INTEGER);
  const waiting = await gateway.post('/v1/readings', `[${message()},${message({ sequence: 1 })}]`);
  expectProblem(waiting, 429);
  expect(Number(waiting.headers.get('retry-after'))).toBeGreaterThanOrEqual(1);
  expectProblem(await gateway.post('/v1/patients', '{"patient_id":"P1"}'), 429);

  const critical = message({ measurements: { heart_rate: 35 } });
  expect((await gateway.post('/v1/readings', `[${message()},${critical}]`)).body).toEqual({ accepted: 2 });
  expect((await gateway.post('/v1/readings', message({ measurements: { heart_rate: 0 } }))).status).toBe(202);
  expectProblem(await gateway.post('/v1/readings', message()), 429);
});

test('with too much under way a request is told to come again at once, one with a critical reading is taken', async () => {
  const leave = gateway.load.enter(1000, 0);
  const refused = await gateway.post('/v1/readings', message());
  expectProblem(refused, 429);
  expect([refused.body.type, refused.headers.get('retry-after')]).toEqual(['urn:vigil:problem:overloaded', '1']);
  expect((await gateway.post('/v1/readings', message({ measurements: { heart_rate: 35 } }))).status).toBe(202);
  leave(1);

  expect((await gateway.post('/v1/readings', message())).status).toBe(202);
  expect(gateway.load.inFlight()).toBe(0);
});

test('a failed request is no longer under way', async () => {
  gateway.setHook(async () => {
    throw new VigilError('KAFKA_AWAY');
  });
  await gateway.post('/v1/readings', message());

  expect(gateway.load.inFlight()).toBe(0);
});

test('a body is read once there is room for it; who waits too long, or finds the line full, is answered', async () => {
  const narrow = await startTestGateway({ bodyBytes: 1024 });
  // A sender that does not end has the room, the second waits for it, the third finds the line full.
  const body = new ReadableStream({ start: (controller) => controller.enqueue(Buffer.from('{')) });
  const hung = new AbortController();
  const headers = { authorization: `Bearer ${apiKey}`, 'content-type': 'application/json' };
  void fetch(`${narrow.url}/v1/readings`, { method: 'POST', body, duplex: 'half', headers, signal: hung.signal }).catch(() => undefined);
  await narrow.get('/v1/readings');
  const large = message({ note: 'x'.repeat(65_536) });
  const waits = narrow.post('/v1/readings', large);
  await narrow.get('/v1/readings');
  const crowded = await narrow.post('/v1/readings', large);
  expectProblem(crowded, 503);
  expect([crowded.body.type, crowded.headers.get('retry-after')]).toEqual(['urn:vigil:problem:crowded', '2']);
  // What a monitor sends has room of its own.
  expect((await narrow.post('/v1/readings', message())).status).toBe(202);
  expectProblem(await waits, 503);

  const next = narrow.post('/v1/readings', large);
  hung.abort();
  expect((await next).status).toBe(202);
  await narrow.close();
});

test('without Kafka’s acknowledgement nothing is confirmed, and the next request tries anew', async () => {
  gateway.setHook(async () => {
    throw new VigilError('KAFKA_AWAY');
  });
  const refused = await gateway.post('/v1/readings', message());
  expectProblem(refused, 503);
  expect(refused.headers.get('retry-after')).toBe('5');

  gateway.setHook(() => new Promise(() => undefined));
  expectProblem(await gateway.post('/v1/readings', message()), 503);
  gateway.setHook(() => Promise.resolve());
  expect((await gateway.post('/v1/readings', message())).status).toBe(202);
});

test('a sender that hangs up in the middle of its body is no failure of ours', async () => {
  const head = `POST /v1/readings HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${apiKey}\r\nContent-Type: application/json\r\nContent-Length: 10\r\n\r\n{}`;
  const sender = connect(Number(new URL(gateway.url).port), '127.0.0.1');
  await new Promise<void>((resolve) => sender.write(head, () => resolve()));
  await gateway.get('/v1/readings');
  sender.destroy();
  while (gateway.answered.length < 2) await new Promise((resolve) => setImmediate(resolve));

  expect(gateway.answered.map(({ status }) => status)).toEqual([405, 400]);
  expect(gateway.failures).toEqual([]);
});

test('a failure of our own is answered without its message and told to the observer', async () => {
  gateway.setHook(async () => {
    throw new TypeError('SECRET');
  });

  expectProblem(await gateway.post('/v1/readings', message()), 500);
  expect(gateway.failures).toEqual([expect.any(TypeError)]);
  expectProblem(await gateway.get('/v1/patients/broken.0123456789abcdefghijkl/latest'), 500);
});

test('latest vitals are read by token', async () => {
  const token = 't1.0123456789abcdefghijkl';
  const found = await gateway.get(`/v1/patients/${token}/latest`);

  expect([found.status, found.body, found.headers.get('cache-control')]).toEqual([200, { patientToken: token }, 'no-store']);
  expectProblem(await gateway.get('/v1/patients/t2.0123456789abcdefghijkl/latest'), 404);
  expectProblem(await gateway.get('/v1/patients/PAT_12345/latest'), 404);
  const away = await gateway.get('/v1/patients/down.0123456789abcdefghijkl/latest');
  expectProblem(away, 503);
  expect(gateway.answered.map(({ route, status }) => `${route} ${status}`)).toEqual([
    'latest 200',
    'latest 404',
    'latest 404',
    'latest 503',
  ]);
});

test('other paths and methods are named', async () => {
  expectProblem(await gateway.post('/v2/readings', message()), 404);
  const answer = await gateway.get('/v1/readings');
  expectProblem(answer, 405);
  expect(answer.headers.get('allow')).toBe('POST');
  expectProblem(await gateway.post('/v1/patients/t1.0123456789abcdefghijkl/latest', '{}'), 405);
  expectProblem(await gateway.get('/v1/patients/%E0%A4%A/latest'), 400);
});
