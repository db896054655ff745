import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, test } from '@jest/globals';
import { countOpenWindows, countOpenWindowsOrNull } from './open-windows.ts';

const servers: Server[] = [];
afterEach(async () => {
  for (const server of servers.splice(0)) await new Promise((resolve) => server.close(resolve));
});

/** An instance whose admin port answers `/state` with `body`. */
async function instance(body: string): Promise<string> {
  const server = createServer((request, response) => response.writeHead(request.url === '/state' ? 200 : 404).end(body));
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

test('the open windows of all instances are added up', async () => {
  expect(await countOpenWindows([await instance('{"openWindows":2}'), await instance('{"openWindows":3}')])).toBe(5);
});

test.each(['{}', 'not JSON', '[]'])('an instance that answers %s does not tell', async (body) => {
  await expect(countOpenWindows([await instance(body)])).rejects.toMatchObject({ code: 'TIMED_OUT' });
});

test('an instance that does not answer is named', async () => {
  const url = await instance('');
  await new Promise((resolve) => servers.pop()?.close(resolve));

  await expect(countOpenWindows([url])).rejects.toThrow(`${url}/state`);
});

test('whoever waits is told that nobody can tell', async () => {
  expect(await countOpenWindowsOrNull([await instance('{}')])).toBeNull();
  expect(await countOpenWindowsOrNull([await instance('{"openWindows":2}')])).toBe(2);
});
