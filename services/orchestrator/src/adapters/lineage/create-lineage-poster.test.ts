import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, test } from '@jest/globals';
import { buildRunEvent } from '../../domain/lineage/run-event.ts';
import { runTraceparentOf } from '../../domain/traces/run-traceparent.ts';
import { createLineagePoster } from './create-lineage-poster.ts';

const anEvent = (job: string) =>
  buildRunEvent({ eventType: 'START', atMs: 1, runId: '0191d0c1-0000-7000-8000-000000000001', namespace: 'vigil', job, jobType: 'TASK', processing: 'BATCH', traceparent: runTraceparentOf('r') }); // prettier-ignore

let server: Server;
afterEach(() => {
  server.closeAllConnections();
  server.close();
});

/** A server that answers each job with the statuses given for it, one after the other; `0` = never. */
async function serve(answers: Readonly<Record<string, readonly number[]>> = {}) {
  const received: { readonly job: string; readonly authorization: string | undefined }[] = [];
  server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const { job } = JSON.parse(Buffer.concat(chunks).toString()) as { job: { name: string } };
      const earlier = received.filter((one) => one.job === job.name).length;
      received.push({ job: job.name, authorization: request.headers.authorization });
      const status = answers[job.name]?.[earlier] ?? 201;
      if (status !== 0) response.writeHead(status).end('said');
    });
  });
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  let lost = 0;
  const poster = createLineagePoster({
    url: `http://127.0.0.1:${port}/api/v1/lineage`,
    apiKey: 'secret',
    maxWaiting: 3,
    timeoutMs: 30_000,
    onLost: (count) => (lost += count),
  });
  return { poster, received, lost: () => lost };
}

test('events arrive in their order with the key; a server error is tried once more, a refusal is not', async () => {
  const { poster, received, lost } = await serve({ b: [503], c: [400] });
  for (const job of ['a', 'b', 'c']) poster.post(anEvent(job));
  await poster.drain({ withinMs: 5000 });

  expect(received.map(({ job }) => job)).toEqual(['a', 'b', 'b', 'c']);
  expect(received[0]!.authorization).toBe('Bearer secret');
  expect(lost()).toBe(1);
  poster.post(anEvent('d'));
  await poster.drain({ withinMs: 5000 });
  expect(received.at(-1)).toMatchObject({ job: 'd' });
});

test('a server that does not answer keeps nobody waiting, and what does not fit is dropped and counted', async () => {
  const { poster, lost } = await serve({ a: [0, 0] });
  for (const job of ['a', 'b', 'c', 'd', 'e']) poster.post(anEvent(job));
  expect(lost()).toBe(1);
  await poster.drain({ withinMs: 10 });
  expect(lost()).toBe(4);
});
