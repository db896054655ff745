import { afterEach, expect, test } from '@jest/globals';
import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { createFaultyLink, type FaultyLink } from './create-faulty-link.ts';

const host = '127.0.0.1';
const moment = 100;
const closing: (() => void | Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

/** Answers everything it gets with the same, and remembers it. */
async function startEcho(): Promise<{ port: number; got: () => string; server: Server }> {
  let got = '';
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    socket.on('error', () => undefined);
    socket.on('data', (bytes) => {
      got += bytes.toString();
      socket.write(bytes);
    });
    socket.on('end', () => socket.end('bye'));
  });
  server.listen(0, host);
  await once(server, 'listening');
  closing.push(() => void server.close());
  return { port: (server.address() as { port: number }).port, got: () => got, server };
}

interface Client {
  readonly socket: Socket;
  /** Everything that came so far. */
  readonly got: () => string;
  readonly until: (text: string) => Promise<void>;
  /** The code of the error that ended it. */
  readonly broken: Promise<string>;
}

async function dial({ address }: FaultyLink): Promise<Client> {
  const socket = connect({ ...address, allowHalfOpen: true });
  const broken = new Promise<string>((resolve) => socket.on('error', (error) => resolve((error as NodeJS.ErrnoException).code ?? '')));
  let got = '';
  socket.on('data', (bytes) => void (got += bytes.toString()));
  closing.push(() => void socket.destroy());
  await once(socket, 'connect');
  const until = async (text: string): Promise<void> => {
    while (!got.endsWith(text)) await once(socket, 'data');
  };
  return { socket, got: () => got, until, broken };
}

const connectionsOf = (server: Server): Promise<number> =>
  new Promise((resolve) => server.getConnections((_error, count) => resolve(count)));

async function setUp() {
  const echo = await startEcho();
  const link = await createFaultyLink({ listen: { host, port: 0 }, target: { host, port: echo.port }, random: () => 0.5 });
  closing.push(() => link.close());
  return { echo, link, client: await dial(link) };
}

test('carries both ways, to the end of each', async () => {
  const { link, client } = await setUp();
  client.socket.end('hello');
  await client.until('bye');
  await once(client.socket, 'end');

  expect(client.got()).toBe('hellobye');
  expect(link.counts()).toMatchObject({ carriedBytes: 13, heldBytes: 0 });
});

test('carries more than its memory may hold, whole', async () => {
  const { client } = await setUp();
  const text = 'abcdefgh'.repeat(400_000);
  client.socket.end(text);
  await client.until('bye');

  expect(client.got()).toBe(`${text}bye`);
});

test('in the dark nothing arrives and nobody is told; afterwards it arrives late', async () => {
  const { echo, link, client } = await setUp();
  client.socket.write('1');
  await client.until('1');

  link.change({ kind: 'dark' });
  client.socket.write('2');
  const second = await dial(link);
  second.socket.write('3');
  await sleep(moment);
  expect(echo.got()).toBe('1');
  expect([client.socket.destroyed, second.socket.destroyed]).toEqual([false, false]);
  expect(link.counts().heldBytes).toBe(1);

  link.change({ kind: 'clear' });
  await Promise.all([client.until('2'), second.until('3')]);
  expect(echo.got().split('').sort().join('')).toBe('123');
});

test('a slow link is late by its latency and its bandwidth, and keeps the order', async () => {
  const { link, client } = await setUp();
  link.change({ kind: 'slow', latencyMs: 50, jitterMs: 20, bytesPerSecond: 10_000 });
  const startedMs = performance.now();
  for (const part of ['a', 'b', 'c']) client.socket.write(part.repeat(500));
  await client.until('c'.repeat(500));

  // Twice through the link: 2 × (50 + 10 + 1,500 ÷ 10) ms, of which the bandwidth of both ways may overlap.
  expect(performance.now() - startedMs).toBeGreaterThan(250);
  expect(client.got()).toBe('a'.repeat(500) + 'b'.repeat(500) + 'c'.repeat(500));
});

test('a reset breaks every connection at both ends', async () => {
  const { link, client, echo } = await setUp();
  client.socket.write('1');
  await client.until('1');

  expect(link.reset()).toBe(1);
  expect(await client.broken).toBe('ECONNRESET');
  expect(link.counts().openConnections).toBe(0);
  while ((await connectionsOf(echo.server)) > 0) await sleep(10);
});

test.each([
  ['request', 'BEGIN'],
  ['answer', 'BEGINCOMMIT'],
] as const)('a connection is cut at the %s that matches, others are not', async (of, arrived) => {
  const { echo, link, client } = await setUp();
  const other = await dial(link);
  const cut = link.cutNext({ of, matches: (bytes) => bytes.includes('COMMIT') });
  client.socket.write('BEGIN');
  await client.until('BEGIN');
  client.socket.write('COMMIT');
  await cut;

  expect(await client.broken).toBe('ECONNRESET');
  expect(client.got()).toBe('BEGIN');
  expect(echo.got()).toBe(arrived);
  other.socket.write('COMMIT');
  await other.until('COMMIT');
});

test('a target that is away is told by a reset', async () => {
  const { port, server } = await startEcho();
  server.close();
  await once(server, 'close');
  const link = await createFaultyLink({ listen: { host, port: 0 }, target: { host, port } });
  closing.push(() => link.close());

  expect(await (await dial(link)).broken).toBe('ECONNRESET');
});
