import { afterEach, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Change } from '../generated/api-types.ts';
import { aDetail, aRun, aTask, at } from '../tasks/tasks.fixture.ts';
import { createEventParser, type StreamMessage } from './create-event-parser.ts';
import { followStream, type FollowOptions, type StreamNews } from './follow-stream.ts';
import { changedDetail, changedRun, changeOf, newFeed, nothingStale, reduceFeed, type Feed, type FeedNews } from './reduce-feed.ts';

const streamText =
  'retry: 250\n\nid: a.1\nevent: change\ndata: {"x":\ndata: 1}\n\n: ping\n\nid: a.2\n\nevent: other\r\ndata\r\n\r\nretry: soon\n\n';
const streamMessages: StreamMessage[] = [
  { id: 'a.1', event: 'change', data: '{"x":\n1}' },
  { id: 'a.2', event: 'message', data: null },
  { id: null, event: 'other', data: '' },
];

test('a stream is read alike however it is cut', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(streamText.length), { maxLength: 12 }), (cuts) => {
      const parser = createEventParser();
      const places = [0, ...cuts.sort((a, b) => a - b), streamText.length];
      const pieces = places.slice(1).map((end, index) => streamText.slice(places[index], end));
      expect(pieces.flatMap(parser.take)).toEqual(streamMessages);
      expect(parser.retryMs()).toBe(250);
    }),
  );
});

let server: Server | undefined;
afterEach(() => {
  server?.closeAllConnections();
  server?.close();
});

interface Asked {
  readonly key: string | undefined;
  readonly lastId: string | undefined;
}

/** A server whose nth answer is the nth of `answers`; the last one stands for all that follow. */
async function serve(...answers: readonly ((response: ServerResponse) => void)[]): Promise<{ url: string; asked: Asked[] }> {
  const asked: Asked[] = [];
  server = createServer((request, response) => {
    asked.push({ key: request.headers.authorization, lastId: request.headers['last-event-id'] as string | undefined });
    answers[Math.min(asked.length, answers.length) - 1]?.(response);
  });
  await new Promise<void>((resolve) => void server?.listen(0, '127.0.0.1', resolve));
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1/stream`, asked };
}

/** Follows until `isEnough`; answers all news and the waits between tries. */
async function follow(url: string, isEnough: (news: readonly StreamNews[]) => boolean, more: Partial<FollowOptions> = {}) {
  const stop = new AbortController();
  const news: StreamNews[] = [];
  const waits: number[] = [];
  const tell = (one: StreamNews): void => {
    news.push(one);
    if (isEnough(news)) stop.abort();
  };
  const wait = async (ms: number): Promise<void> => void waits.push(ms);
  await followStream({ url, apiKey: 'the-key', fetch, tell, signal: stop.signal, wait, ...more });
  return { kinds: news.map(({ kind }) => kind), news, waits };
}

const stream = (text: string, then: 'end' | 'stay') => (response: ServerResponse) => {
  response.writeHead(200, { 'Content-Type': 'text/event-stream' });
  response.write(text);
  if (then === 'end') response.end();
};
const status = (code: number) => (response: ServerResponse) => void response.writeHead(code).end();

test('a stream that ends is gone on with behind the last event seen, an id without data among them', async () => {
  const { url, asked } = await serve(stream('retry: 20\n\nid: 1\ndata: one\n\nid: 2\n\n', 'end'), stream('id: 3\ndata: three\n\n', 'stay'));
  const { kinds, news, waits } = await follow(url, (all) => all.filter(({ kind }) => kind === 'message').length === 2);
  expect(kinds).toEqual(['opened', 'message', 'lost', 'opened', 'message']);
  expect(news[4]).toEqual({ kind: 'message', message: { id: '3', event: 'message', data: 'three' } });
  expect(asked).toEqual([
    { key: 'Bearer the-key', lastId: undefined },
    { key: 'Bearer the-key', lastId: '2' },
  ]);
  expect(waits).toEqual([20]);
});

test('tries come ever slower, up to 15 s, and quickly again once one got through', async () => {
  const { url } = await serve(...Array.from({ length: 6 }, () => status(503)), stream('', 'end'), status(503));
  const { waits } = await follow(url, (all) => all.filter(({ kind }) => kind === 'lost').length === 9);
  expect(waits).toEqual([1000, 2000, 4000, 8000, 15_000, 15_000, 1000, 2000, 4000]);
});

test('a place that is not known any more is told and forgotten; a key that is refused ends it', async () => {
  const { url, asked } = await serve(stream('id: 9\n\n', 'end'), status(400), status(400), status(401));
  const { kinds } = await follow(url, () => false);
  expect(kinds).toEqual(['opened', 'lost', 'forgotten', 'lost', 'refused']);
  expect(asked.map(({ lastId }) => lastId)).toEqual([undefined, '9', undefined, undefined]);
});

test('a stream that falls silent is taken for dead', async () => {
  const { url, asked } = await serve(stream('id: 1\ndata: one\n\n', 'stay'));
  const { kinds } = await follow(url, (all) => all.filter(({ kind }) => kind === 'lost').length === 1, { silenceMs: 60 });
  expect(kinds).toEqual(['opened', 'message', 'lost']);
  expect(asked).toHaveLength(1);
});

const change = (more: Partial<Change>): Change => ({
  runId: 'r1',
  workflow: 'claims',
  seq: 1,
  at: at('00:01.000'),
  kind: 'succeeded',
  task: 'load',
  part: 0,
  status: 'running',
  state: 'succeeded',
  ...more,
});
const messageOf = (data: string | null, event = 'change'): Extract<StreamNews, { kind: 'message' }> => ({
  kind: 'message',
  message: { id: '1', event, data },
});
const reduce = (...news: readonly FeedNews[]): Feed => news.reduce(reduceFeed, newFeed);
const told = (more: Partial<Change>): StreamNews => messageOf(JSON.stringify(change(more)));

test('the feed knows whether it is live', () => {
  expect(newFeed.connection).toBe('connecting');
  expect(reduce({ kind: 'opened' }).connection).toBe('live');
  expect(reduce({ kind: 'opened' }, { kind: 'lost' }).connection).toBe('lost');
  expect(reduce({ kind: 'refused' }).connection).toBe('refused');
});

test('a change makes its run stale; lists only where they show it', () => {
  expect(reduce(told({}))).toMatchObject({ changes: 1, lastAt: at('00:01.000'), stale: { lists: false, runIds: new Set(['r1']) } });
  expect(reduce(told({}), told({ runId: 'r2', status: 'failed' })).stale).toEqual({
    everything: false,
    lists: true,
    runIds: new Set(['r1', 'r2']),
  });
  expect(reduce(told({ kind: 'requested', task: null })).stale.lists).toBe(true);
  expect(reduce(told({ kind: 'requested' })).stale.lists).toBe(true);
});

test('what was read again is stale no more, but for what changed meanwhile', () => {
  const stale = reduce(told({}));
  expect(reduceFeed(stale, { kind: 'refreshed', stale: stale.stale }).stale).toBe(nothingStale);
  const more = reduceFeed(stale, told({ runId: 'r2' }));
  expect(reduceFeed(more, { kind: 'refreshed', stale: stale.stale })).toBe(more);
});

test('after a gap everything is read again', () => {
  expect(reduce({ kind: 'forgotten' })).toMatchObject({ connection: 'lost', stale: { everything: true } });
});

test('a message that is no change of a run tells nothing', () => {
  for (const message of [messageOf('{"runId": "r1"}', 'other'), messageOf(null), messageOf('{'), messageOf('{"runId": 7}')]) {
    expect(changeOf(message)).toBeNull();
    expect(reduce(message)).toBe(newFeed);
  }
});

test('a change shows at once in the run and the part that it is about, and leaves all else as it is', () => {
  const run = aRun('r1');
  expect(changedRun(run, change({}))).toBe(run);
  expect(changedRun(run, change({ runId: 'r2', status: 'failed' }))).toBe(run);
  expect(changedRun(run, change({ status: 'failed' }))).toEqual({ ...run, status: 'failed' });

  const detail = aDetail('r1', [aTask('load', 'running'), aTask('load', 'running', { part: 1 }), aTask('tell', 'waiting')]);
  const states = (more: Partial<Change>) => changedDetail(detail, change(more)).tasks.map(({ state }) => state);
  expect(states({})).toEqual(['succeeded', 'running', 'waiting']);
  expect(states({ part: 1 })).toEqual(['running', 'succeeded', 'waiting']);
  expect(states({ part: null, state: 'failed' })).toEqual(['failed', 'running', 'waiting']);
  expect(changedDetail(detail, change({ state: 'running' }))).toBe(detail);
  expect(changedDetail(detail, change({ state: null }))).toBe(detail);
  expect(changedDetail(detail, change({ runId: 'r2' }))).toBe(detail);
  expect(changedDetail(detail, change({ status: 'succeeded' }))).toMatchObject({
    status: 'succeeded',
    tasks: [{ state: 'succeeded' }, {}, {}],
  });
});
