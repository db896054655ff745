import { afterEach, expect, test } from '@jest/globals';
import { once } from 'node:events';
import { createServer as createHttpServer, type Server as HttpServer } from 'node:http';
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { httpAnswers, kafkaAnswers, redisAnswers } from './probes.ts';
import { requireFullCompatibility } from './registry-rule.ts';

const servers: (Server | HttpServer)[] = [];
const sockets: Socket[] = [];
afterEach(() => {
  for (const socket of sockets.splice(0)) socket.destroy();
  for (const server of servers.splice(0)) server.close();
});

const listen = async (server: Server | HttpServer): Promise<number> => {
  servers.push(server);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
};

const answering = async (answer: (request: Buffer, socket: Socket) => void): Promise<number> =>
  listen(
    createServer((socket) => {
      sockets.push(socket);
      socket.on('data', (request) => answer(Buffer.from(request), socket));
    }),
  );

const metadataAnswer = (brokers: number): Buffer => {
  const answer = Buffer.alloc(12);
  answer.writeInt32BE(8, 0);
  answer.writeInt32BE(brokers, 8);
  return answer;
};

test('a broker is in service once its metadata names one', async () => {
  const requests: Buffer[] = [];
  const inService = await answering((request, socket) => {
    requests.push(request);
    const answer = metadataAnswer(1);
    socket.write(answer.subarray(0, 3));
    setTimeout(() => socket.write(answer.subarray(3)), 20);
  });
  expect(await kafkaAnswers(inService)).toBe(true);
  expect(requests[0]?.readInt16BE(4)).toBe(3);
  expect(requests[0]?.readInt32BE(0)).toBe((requests[0]?.length ?? 0) - 4);
  const starting = await answering((_request, socket) => socket.write(metadataAnswer(0)));
  expect(await kafkaAnswers(starting)).toBe(false);
});

test('redis answers PONG, or something else while it loads', async () => {
  expect(await redisAnswers(await answering((_request, socket) => socket.write('+PONG\r\n')))).toBe(true);
  expect(await redisAnswers(await answering((_request, socket) => socket.write('-LOADING\r\n')))).toBe(false);
});

test('a server that hangs up, does not answer or is not there is no answer', async () => {
  await expect(redisAnswers(await answering((_request, socket) => socket.end()))).rejects.toThrow('closed');
  await expect(redisAnswers(await answering(() => {}))).rejects.toThrow('no answer');
  await expect(redisAnswers(1)).rejects.toThrow('ECONNREFUSED');
});

test('an HTTP part answers with success', async () => {
  const port = await listen(createHttpServer((request, response) => response.writeHead(request.url === '/ok' ? 200 : 503).end()));
  expect(await httpAnswers(`http://127.0.0.1:${port}/ok`)).toBe(true);
  expect(await httpAnswers(`http://127.0.0.1:${port}/else`)).toBe(false);
});

test('the registry is told the compatibility rule, and a refusal is reported', async () => {
  const bodies: string[] = [];
  const port = await listen(
    createHttpServer((request, response) => {
      request.setEncoding('utf8').on('data', (body: string) => bodies.push(body));
      request.on('end', () => response.writeHead(bodies.length === 1 ? 200 : 500).end('no storage'));
    }),
  );
  await requireFullCompatibility(`http://127.0.0.1:${port}`);
  expect(bodies).toEqual(['{"compatibility":"FULL_TRANSITIVE"}']);
  await expect(requireFullCompatibility(`http://127.0.0.1:${port}`)).rejects.toMatchObject({
    code: 'REGISTRY_AWAY',
    message: expect.stringContaining('500: no storage'),
  });
});
