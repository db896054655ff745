import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, test } from '@jest/globals';
import { topics } from '@vigil/contracts';
import { buildRunEvent } from '../../domain/lineage/run-event.ts';
import { runTraceparentOf } from '../../domain/traces/run-traceparent.ts';
import { messageOf } from '../../domain/lineage/tell-lineage.ts';
import { startLineage } from './start-lineage.ts';

let server: Server | undefined;
const directory = mkdtempSync(join(tmpdir(), 'vigil-lineage-'));
afterEach(() => {
  server?.closeAllConnections();
  server?.close();
  rmSync(directory, { recursive: true, force: true });
});

const settings = { kafkaBrokers: ['k:9092'], databaseUrl: 'postgres://u:secret@p:5432/vigil', lineageNamespace: 'vigil' };
const event = buildRunEvent({ eventType: 'START', atMs: 1, runId: '0191d0c1-0000-7000-8000-000000000001', namespace: 'vigil', job: 'w', jobType: 'DAG', processing: 'BATCH', traceparent: runTraceparentOf('r') }); // prettier-ignore

test('what is on the topic goes to the server with its key, nothing else does; who starts without a server posts nothing', async () => {
  const received: unknown[] = [];
  server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      received.push([request.headers.authorization, JSON.parse(Buffer.concat(chunks).toString())]);
      response.writeHead(received.length === 1 ? 201 : 400).end();
    });
  });
  await new Promise<void>((resolve) => void server?.listen(0, '127.0.0.1', resolve));
  const openLineageKeyFile = join(directory, 'key');
  writeFileSync(openLineageKeyFile, 'a key\n');
  const lost: number[] = [];
  const closers: (() => unknown)[] = [];
  const lineage = await startLineage({
    settings: { ...settings, openLineageUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`, openLineageKeyFile },
    events: { lineageLost: ({ count }: { count: number }) => lost.push(count) },
    onClose: (_name, close) => void closers.push(close),
  });
  lineage.onPublished([messageOf(event), { topic: topics.taskReported.name, key: 'k', value: {} }, messageOf(event)]);
  for (const close of closers) await close();

  expect(received).toEqual([
    ['Bearer a key', event],
    ['Bearer a key', event],
  ]);
  expect(lost).toEqual([1]);
  const without = await startLineage({ settings, events: {} as never, onClose: () => undefined });
  expect(() => without.onPublished([messageOf(event)])).not.toThrow();
});
