import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, test } from '@jest/globals';
import { startTracing } from './start-tracing.ts';

interface OtlpAttribute {
  readonly key: string;
  readonly value: { readonly stringValue?: string; readonly intValue?: number };
}

interface OtlpBody {
  readonly resourceSpans: readonly {
    readonly resource: { readonly attributes: readonly OtlpAttribute[] };
    readonly scopeSpans: readonly { readonly spans: readonly Record<string, unknown>[] }[];
  }[];
}

async function collector() {
  const requests: { path: string; body: OtlpBody }[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      requests.push({ path: request.url ?? '', body: JSON.parse(Buffer.concat(chunks).toString()) as OtlpBody });
      response.writeHead(200, { 'content-type': 'application/json' }).end('{}');
    });
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const close = () =>
    new Promise<void>((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    });
  return { requests, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, close };
}

test('a batch becomes a span that links to the traces of its records, sent to the collector on close', async () => {
  const { requests, url, close } = await collector();
  const traceId = '4bf92f3577b34da6a3ce929d0e0e4736';
  const tracing = startTracing({ service: 'bed-watcher', version: '1.2.3', endpoint: url, clock: { now: () => 1_700_000_000_000 } });

  tracing.tracer.batchProcessed({
    stage: 'bed-watcher',
    partition: 3,
    consumed: 42,
    commitMs: 25,
    traceparents: [`00-${traceId}-00f067aa0ba902b7-01`, 'not a traceparent'],
  });
  tracing.tracer.batchProcessed({ stage: 'bed-watcher', partition: 3, consumed: 1, commitMs: 1 });
  await tracing.close();
  await close();

  const { resource, scopeSpans } = requests[0]!.body.resourceSpans[0]!;
  const [span, unlinked] = scopeSpans[0]!.spans;
  expect(requests[0]?.path).toBe('/v1/traces');
  expect(resource.attributes.map(({ key }) => key)).toEqual(['service.name', 'service.version', 'service.instance.id']);
  expect(span).toMatchObject({
    name: 'process bed-watcher',
    kind: 5,
    links: [{ traceId, spanId: '00f067aa0ba902b7' }],
    startTimeUnixNano: '1699999999975000000',
    endTimeUnixNano: '1700000000000000000',
  });
  const attributes = Object.fromEntries((span!['attributes'] as OtlpAttribute[]).map(({ key, value }) => [key, value]));
  expect(attributes).toEqual({
    'messaging.system.name': { stringValue: 'kafka' },
    'messaging.operation.name': { stringValue: 'process' },
    'messaging.operation.type': { stringValue: 'process' },
    'messaging.consumer.group.name': { stringValue: 'bed-watcher' },
    'messaging.destination.partition.id': { stringValue: '3' },
    'messaging.batch.message_count': { intValue: 42 },
  });
  expect(unlinked?.['links']).toEqual([]);
});
