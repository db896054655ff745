import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { createMemoryState, take } from '../../test-support/trials.ts';
import type { HttpTableOptions } from './http/http-table-options.ts';
import { nextLink } from './http/next-link.ts';
import { retryAfterMs } from './http/retry-after.ts';
import { openHttpTable } from './open-http-table.ts';

type Handler = (request: IncomingMessage & { readonly asked: URL }, response: ServerResponse) => void;

let server: Server;
let origin: string;
let handle: Handler;
let asked: string[] = [];
let slept: number[] = [];
let state: ReturnType<typeof createMemoryState>;
let nowMs = 0;

beforeAll(async () => {
  server = createServer((request, response) => {
    asked.push(request.url ?? '');
    handle(Object.assign(request, { asked: new URL(request.url ?? '', origin) }), response);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});
beforeEach(() => {
  [asked, slept, nowMs] = [[], [], Date.UTC(2026, 10, 26)];
  state = createMemoryState();
});

const open = (over: Partial<HttpTableOptions> = {}) =>
  openHttpTable({
    name: 'lab_api',
    url: `${origin}/results?ward=3`,
    headers: { authorization: 'Bearer secret' },
    paging: { kind: 'cursor', parameter: 'cursor', field: 'meta.next' },
    items: 'data',
    key: ['id'],
    state,
    salt: 'pepper',
    scan: 'run-1',
    clock: { now: () => nowMs },
    sleep: async (ms) => {
      slept.push(ms);
      nowMs += ms;
    },
    ...over,
  });
const json = (response: ServerResponse, body: unknown, headers: Record<string, string> = {}): void =>
  void response.writeHead(200, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body));
const items = (from: number, to: number): object[] =>
  Array.from({ length: to - from }, (_, at) => ({ id: from + at, at: 1_000 + from + at }));
/** Three pages of 4, 4 and 2 items under cursors. */
const threePages: Handler = ({ asked: { searchParams } }, response) => {
  const page = Number(searchParams.get('cursor') ?? 0);
  json(response, { data: items(page * 4, Math.min(10, page * 4 + 4)), meta: { next: page < 2 ? String(page + 1) : null } });
};
const ids = (rows: Awaited<ReturnType<typeof take>>): unknown[] => rows.map(({ row }) => row['id']);
const ten = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9];

test('cursors are followed to the end, parameters and credentials kept', async () => {
  handle = (request, response) => {
    expect(request.headers.authorization).toBe('Bearer secret');
    threePages(request, response);
  };
  const rows = await take(open(), null);
  expect(ids(rows)).toEqual(ten);
  expect(asked).toEqual(['/results?ward=3', '/results?ward=3&cursor=1', '/results?ward=3&cursor=2']);
  expect(rows[5]?.place).toBe('page 2, item 2');
});

test('links are followed, from the header or the body, and only within the origin', async () => {
  handle = ({ asked: { searchParams } }, response) => {
    const page = Number(searchParams.get('p') ?? 0);
    const next: Record<string, string> = page < 2 ? { link: `</results?p=${page + 1}>; rel="next", </results?p=0>; rel="first"` } : {};
    json(response, items(page * 4, Math.min(10, page * 4 + 4)), next);
  };
  expect(ids(await take(open({ paging: { kind: 'link' }, items: '' }), null))).toEqual(ten);

  handle = (_, response) => json(response, { data: items(0, 2), next: 'http://elsewhere.test/results' });
  const elsewhere = take(open({ paging: { kind: 'link', field: 'next' } }), null);
  await expect(elsewhere).rejects.toMatchObject({ code: 'SOURCE_ANSWER', message: expect.stringContaining('the next page is elsewhere') });
});

test('numbered pages end with one without items', async () => {
  handle = ({ asked: { searchParams } }, response) =>
    json(response, items(Number(searchParams.get('page')) * 5 - 5, Math.min(10, Number(searchParams.get('page')) * 5)));
  expect(ids(await take(open({ paging: { kind: 'page', parameter: 'page', first: 1 }, items: '', key: null }), null))).toEqual(ten);
  expect(asked.map((url) => url.slice(-6))).toEqual(['page=1', 'page=2', 'page=3']);
});

test('an attempt goes on behind the item that was safe last, wherever in a page that was', async () => {
  handle = threePages;
  for (let most = 1; most < 10; most++) {
    state.rows.clear();
    const some = await take(open(), null, most);
    const rest = await take(open(), some.at(-1)?.position ?? null);
    expect(ids([...some, ...rest])).toEqual(ten);
  }
});

test('a later run asks for what changed since, and publishes what is not as it was', async () => {
  const since = { parameter: 'since', field: 'at', overlapMs: 60_000 };
  const all = items(0, 10) as { id: number; at: number; note?: string }[];
  handle = ({ asked: { searchParams } }, response) =>
    json(response, { data: all.filter(({ at }) => at >= Number(searchParams.get('since') ?? 0)), meta: {} });
  const first = await take(open({ since }), null);
  expect(ids(first)).toEqual(ten);
  all.push({ id: 10, at: 10_000 });
  Object.assign(all[4] as object, { at: 2_000, note: 'changed' });
  const second = await take(open({ since, scan: 'run-2' }), first.at(-1)?.position ?? null);
  expect(asked.at(-1)).toBe('/results?ward=3&since=1009');
  // 9 changed at 1009 itself and is as it was.
  expect(second.map(({ change, row }) => [change, row['id']])).toEqual([
    ['update', 4],
    ['insert', 10],
  ]);
  await take(open({ since, scan: 'run-3' }), second.at(-1)?.position ?? null);
  expect(asked.at(-1)).toBe('/results?ward=3&since=10000');
});

test('what the source committed late is found in the overlap, and what was published there is not again', async () => {
  const since = { parameter: 'since', field: 'at', overlapMs: 300_000 };
  const all = [{ id: 1, at: '2026-11-25T10:00:00Z' }, { id: 2, at: '2026-11-25T10:04:00Z' }]; // prettier-ignore
  handle = ({ asked: { searchParams } }, response) =>
    json(response, { data: all.filter(({ at }) => at >= (searchParams.get('since') ?? '')), meta: {} });
  const first = await take(open({ since }), null);
  expect(ids(first)).toEqual([1, 2]);
  all.push({ id: 3, at: '2026-11-25T10:02:00Z' });
  const second = await take(open({ since, scan: 'run-2' }), first.at(-1)?.position ?? null);
  expect(ids(second)).toEqual([3]);
  // The late one does not draw the newest back.
  all.push({ id: 4, at: '2026-11-25T09:58:00Z' });
  expect(ids(await take(open({ since, scan: 'run-3' }), second.at(-1)?.position ?? null))).toEqual([]);
});

test('an item whose time lies ahead does not hide what changes until then', async () => {
  const since = { parameter: 'since', field: 'at', overlapMs: 60_000 };
  handle = (_request, response) =>
    json(response, { data: [{ id: 1, at: '2026-11-25T00:00:00Z' }, { id: 2, at: '2126-01-01T00:00:00Z' }], meta: {} }); // prettier-ignore
  const first = await take(open({ since }), null);
  expect(ids(first)).toEqual([1, 2]);
  await take(open({ since, scan: 'run-2' }), first.at(-1)?.position ?? null);
  expect(asked.at(-1)).toContain('since=2026-11-24T23%3A59%3A00Z');
});

test('a first page that did not change says nothing of the pages behind it', async () => {
  let last = 6;
  handle = ({ asked: { searchParams }, headers }, response) => {
    const page = Number(searchParams.get('cursor') ?? 0);
    if (headers['if-none-match'] === `"page ${page}"` && page === 0) return void response.writeHead(304).end();
    json(
      response,
      { data: items(page * 4, Math.min(last, page * 4 + 4)), meta: { next: page < 1 ? '1' : null } },
      { etag: `"page ${page}"` },
    );
  };
  const first = await take(open(), null);
  expect(ids(first)).toEqual([0, 1, 2, 3, 4, 5]);
  last = 7;
  expect(ids(await take(open({ scan: 'run-2' }), first.at(-1)?.position ?? null))).toEqual([6]);
});

test('a run that did not end does not move the next one on', async () => {
  handle = threePages;
  const some = await take(open({ since: { parameter: 'since', field: 'at', overlapMs: 60_000 } }), null, 3);
  await take(open({ since: { parameter: 'since', field: 'at', overlapMs: 60_000 }, scan: 'run-2' }), some.at(-1)?.position ?? null);
  expect(asked.filter((url) => url.includes('since'))).toEqual([]);
});

test('a later run asks conditionally: nothing is read of what did not change', async () => {
  const told: (string | undefined)[] = [];
  handle = ({ headers }, response) => {
    told.push(headers['if-none-match'], headers['if-modified-since']);
    if (headers['if-none-match'] === '"v1"') return void response.writeHead(304).end();
    json(response, { data: items(0, 2), meta: {} }, { etag: '"v1"', 'last-modified': 'Thu, 26 Nov 2026 00:00:00 GMT' });
  };
  const first = await take(open(), null);
  expect(await take(open({ scan: 'run-2' }), first.at(-1)?.position ?? null)).toEqual([]);
  expect(told).toEqual([undefined, undefined, '"v1"', 'Thu, 26 Nov 2026 00:00:00 GMT']);
});

test.each([
  [429, { 'retry-after': '7' }, 7_000],
  [429, { 'retry-after': 'Thu, 26 Nov 2026 00:00:30 GMT' }, 30_000],
  [503, {}, 500],
  [502, { 'retry-after': 'soon' }, 500],
])('%d %j is waited for', async (status, headers, waitMs) => {
  let refusals = 1;
  handle = (request, response) => (refusals-- > 0 ? void response.writeHead(status, headers).end('busy') : threePages(request, response));
  expect(ids(await take(open(), null))).toEqual(ten);
  expect(slept).toEqual([waitMs]);
});

test('a source that stays busy, or asks for more time than there is, is away; what it gave is kept', async () => {
  handle = ({ asked: { searchParams }, ...request }, response) =>
    searchParams.has('cursor')
      ? void response.writeHead(503).end()
      : threePages({ ...request, asked: new URL(`${origin}/`) } as never, response);
  await expect(take(open({ attempts: 4 }), null)).rejects.toMatchObject({ code: 'SOURCE_AWAY', kind: 'dependency' });
  expect(slept).toEqual([500, 1_000, 2_000]);

  slept = [];
  handle = (_, response) => void response.writeHead(429, { 'retry-after': '86400' }).end();
  await expect(take(open(), null)).rejects.toMatchObject({ code: 'SOURCE_AWAY' });
  expect(slept).toEqual([]);
});

test('an answer that breaks off is asked for again, and one that does not come is given up', async () => {
  let cuts = 1;
  handle = (request, response) => {
    if (cuts-- <= 0) return threePages(request, response);
    response.writeHead(200, { 'content-length': '500' }).write('{"data": [');
    setTimeout(() => response.destroy(), 5);
  };
  expect(ids(await take(open(), null))).toEqual(ten);
  handle = () => undefined;
  await expect(take(open({ timeoutMs: 30, attempts: 2 }), null)).rejects.toMatchObject({ code: 'SOURCE_AWAY' });
});

test.each([
  [401, 'SOURCE_DENIED'],
  [403, 'SOURCE_DENIED'],
  [404, 'SOURCE_ANSWER'],
  [302, 'SOURCE_ANSWER'],
])('status %d is %s at once', async (status, code) => {
  handle = (_, response) => void response.writeHead(status, { location: 'http://elsewhere.test/' }).end();
  await expect(take(open(), null)).rejects.toMatchObject({ code, message: expect.stringContaining(`status ${status}`) });
  expect(asked).toHaveLength(1);
});

test.each([
  ['not JSON', 'PAT_12345', 'is not JSON'],
  ['no list', '{"data": {"id": 1}}', 'no list of objects at "data"'],
  ['a list of something else', '{"data": [1]}', 'no list of objects at "data"'],
])('%s is told without its content', async (_, body, sentence) => {
  handle = (_request, response) => void response.end(body);
  const reading = take(open(), null);
  await expect(reading).rejects.toMatchObject({ code: 'SOURCE_ANSWER', message: expect.stringContaining(sentence) });
  await expect(reading).rejects.not.toThrow('PAT_12345');
});

test('an item without its key is told in every run: whoever reads it judges it', async () => {
  handle = (_, response) => json(response, { data: [{ id: 1 }, { name: 'x' }] });
  const first = await take(open(), null);
  expect(first).toHaveLength(2);
  expect((await take(open({ scan: 'run-2' }), first.at(-1)?.position ?? null)).map(({ row }) => row)).toEqual([{ name: 'x' }]);
});

test('a page larger than it may be is not read to its end', async () => {
  handle = (_, response) => void response.end(JSON.stringify({ data: items(0, 1_000) }));
  await expect(take(open({ mostPageBytes: 1_000 }), null)).rejects.toThrow('A page is larger than 1000 bytes.');
});

test.each<readonly [string, Handler, string]>([
  [
    'cursors that go back',
    ({ asked: { searchParams } }, response) => {
      const page = Number(searchParams.get('cursor') ?? 0);
      json(response, { data: items(page, page + 1), meta: { next: String((page % 3) + 1) } });
    },
    'leads to one that was read',
  ],
  [
    'cursors without end',
    (_, response) => json(response, { data: [{ id: 1 }], meta: { next: `c${asked.length}` } }),
    'there are more than 50 pages',
  ],
])('%s are a loop and not endless', async (_, handler, sentence) => {
  handle = handler;
  await expect(take(open({ mostPages: 50 }), null)).rejects.toMatchObject({
    code: 'PAGING_LOOP',
    message: expect.stringContaining(sentence),
  });
});

test('a source that gives the same page under every number is a loop', async () => {
  handle = (_, response) => json(response, items(0, 3));
  const reading = take(open({ paging: { kind: 'page', parameter: 'page', first: 0 }, items: '', key: null }), null);
  await expect(reading).rejects.toMatchObject({ code: 'PAGING_LOOP', message: expect.stringContaining('two pages hold the same') });
});

test('no more requests a second than it may', async () => {
  handle = threePages;
  await take(open({ requestsPerSecond: 2 }), null);
  expect(slept).toEqual([500, 500]);
});

test('a reader that is stopped asks for nothing more', async () => {
  const stop = new AbortController();
  handle = () => stop.abort(new Error('stopped'));
  const reading = open().read(null, stop.signal)[Symbol.asyncIterator]();
  await expect(reading.next()).rejects.toThrow('stopped');
});

test.each([
  [null, null],
  ['5', 5_000],
  [' 5 ', 5_000],
  ['-5', null],
  ['Thu, 26 Nov 2026 00:01:00 GMT', 60_000],
  ['Wed, 25 Nov 2026 00:01:00 GMT', 0],
  ['later', null],
])('Retry-After %j asks for %j ms', (header, ms) => {
  expect(retryAfterMs(header, Date.UTC(2026, 10, 26))).toBe(ms);
});

test.each([
  [null, null],
  ['', null],
  ['<https://a/?p=2>; rel="next"', 'https://a/?p=2'],
  ['<https://a/?p=1>; rel="prev", <https://a/?p=3,4>; rel=next', 'https://a/?p=3,4'],
  ['<https://a/>; title="x"; rel="last next"', 'https://a/'],
  ['<https://a/>; rel="nextish"', null],
])('of the Link header %j the next page is %j', (header, target) => {
  expect(nextLink(header)).toBe(target);
});

test('no header makes the reading of links fail', () => {
  fc.assert(
    fc.property(fc.string(), (header) => void nextLink(header)),
    { numRuns: 200 },
  );
});
