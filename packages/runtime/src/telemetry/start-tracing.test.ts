import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { otlpAttributes, startOtlpCollector } from '@vigil/testing';
import { startTracing } from './start-tracing.ts';

const traceId = '4bf92f3577b34da6a3ce929d0e0e4736';
const spanId = '00f067aa0ba902b7';
const parentId = 'b7ad6b7169203331';

let collector: Awaited<ReturnType<typeof startOtlpCollector>>;
beforeAll(async () => {
  collector = await startOtlpCollector();
  const tracing = startTracing({
    service: 'bed-watcher',
    version: '1.2.3',
    endpoint: collector.url,
    clock: { now: () => 1_700_000_000_000 },
  });
  const batch = { stage: 'bed-watcher', partition: 3, consumed: 42, commitMs: 25 };
  const span = { startMs: 1_600_000_001_000, endMs: 1_600_000_003_000, attributes: { runId: 'r1', part: 2 }, errorType: null };
  tracing.tracer.spanEnded({ ...span, name: 'nightly', traceparent: `00-${traceId}-${parentId}-01`, parent: null });
  tracing.tracer.spanEnded({
    ...span,
    name: 'nightly.extract',
    traceparent: `00-${traceId}-${spanId}-01`,
    parent: `00-${traceId}-${parentId}-01`,
    errorType: 'SOURCE_AWAY',
  });
  tracing.tracer.spanEnded({ ...span, name: 'of nobody', traceparent: 'not a traceparent', parent: null });
  tracing.tracer.batchProcessed({ ...batch, traceparents: [`00-${traceId}-${spanId}-01`, 'not a traceparent'] });
  tracing.tracer.batchProcessed(batch);
  await tracing.close();
});
afterAll(() => collector.close());

const spanNamed = (name: string) => collector.spans().filter((span) => span.name === name);

test('spans go to the collector on close, from a resource that says nothing of host, user or command line', () => {
  const [request] = collector.requests;

  expect(request?.path).toBe('/v1/traces');
  expect(Object.keys(otlpAttributes(request!.body.resourceSpans[0]!.resource.attributes))).toEqual([
    'service.name',
    'service.version',
    'service.instance.id',
  ]);
});

test('a batch becomes a span that links to the traces of its records', () => {
  const [span, unlinked] = spanNamed('process bed-watcher');

  expect(span).toMatchObject({
    kind: 5,
    links: [{ traceId, spanId }],
    startTimeUnixNano: '1699999999975000000',
    endTimeUnixNano: '1700000000000000000',
  });
  expect(otlpAttributes(span!.attributes)).toEqual({
    'messaging.system.name': 'kafka',
    'messaging.operation.name': 'process',
    'messaging.operation.type': 'process',
    'messaging.consumer.group.name': 'bed-watcher',
    'messaging.destination.partition.id': '3',
    'messaging.batch.message_count': 42,
  });
  expect(unlinked?.links).toEqual([]);
});

test('a promised span comes under its own ids below its parent, and every other one under ids of its own', () => {
  const [root] = spanNamed('nightly');
  const [child] = spanNamed('nightly.extract');

  expect(root).toMatchObject({
    traceId,
    spanId: parentId,
    startTimeUnixNano: '1600000001000000000',
    endTimeUnixNano: '1600000003000000000',
  });
  expect(root?.parentSpanId ?? '').toBe('');
  expect(child).toMatchObject({ traceId, spanId, parentSpanId: parentId, status: { code: 2 } });
  expect(otlpAttributes(child!.attributes)).toEqual({ 'vigil.run.id': 'r1', 'vigil.task.part': 2, 'error.type': 'SOURCE_AWAY' });
  const ids = collector.spans().map((span) => `${span.traceId} ${span.spanId}`);
  expect(new Set(ids).size).toBe(4);
});

test('a span whose ids cannot be read is not made', () => {
  expect(spanNamed('of nobody')).toEqual([]);
});
