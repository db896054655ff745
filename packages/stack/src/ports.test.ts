import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { once } from 'node:events';
import { createServer, type AddressInfo, type Server } from 'node:net';
import { assignPorts, isListening, isPortFree, requireFreePort } from './ports.ts';

let server: Server;
let taken: number;

beforeAll(async () => {
  server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  taken = (server.address() as AddressInfo).port;
});

afterAll(async () => {
  server.close();
  await once(server, 'close');
});

test('tells a taken port from a free one', async () => {
  expect(await isPortFree(taken)).toBe(false);
  expect(await isListening('127.0.0.1', taken)).toBe(true);
  expect(await isListening('127.0.0.1', 1)).toBe(false);
});

test('gives each name a free port of its own and keeps those that were given before', async () => {
  const ports = await assignPorts({ names: ['a', 'b', 'c'], known: { b: 5 }, seed: 'checkout' });
  expect(ports['b']).toBe(5);
  expect(new Set(Object.values(ports)).size).toBe(3);
  expect(await isPortFree(ports['a'] ?? 0)).toBe(true);
  expect(await assignPorts({ names: ['a', 'b', 'c'], known: ports, seed: 'checkout' })).toEqual(ports);
});

test('two checkouts begin at different places', async () => {
  const one = await assignPorts({ names: ['a'], known: {}, seed: '/work/one' });
  const two = await assignPorts({ names: ['a'], known: {}, seed: '/work/two' });
  expect(one).not.toEqual(two);
});

test('passes over a taken port, and says when none is left', async () => {
  const range = { lowest: taken, count: 1 };
  await expect(assignPorts({ names: ['a'], known: {}, seed: 's', range })).rejects.toMatchObject({ code: 'PORT_TAKEN' });
  await expect(assignPorts({ names: ['a', 'b'], known: { x: 1 }, seed: 's', range: { lowest: 1, count: 0 } })).rejects.toMatchObject({
    code: 'PORT_TAKEN',
  });
});

test('a part whose port another program holds is named with the port', async () => {
  await expect(requireFreePort('redis', taken)).rejects.toMatchObject({
    code: 'PORT_TAKEN',
    message: expect.stringContaining(`Port ${taken} of redis`),
  });
  await requireFreePort('redis', (await assignPorts({ names: ['r'], known: {}, seed: 'free' }))['r'] ?? 0);
});
