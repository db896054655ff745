import { beforeAll, expect, test } from '@jest/globals';
import { topics } from '@vigil/contracts';
import { systemClock, VigilError } from '@vigil/core';
import { createMemoryBroker, systemEngineClock } from '@vigil/kafka';
import { otlpAttributes, startOtlpCollector, type OtlpSpan } from '@vigil/testing';
import { startTracing } from '../../../packages/runtime/src/telemetry/start-tracing.ts';
import { traceRuns } from './adapters/traces/trace-runs.ts';
import { aLineageRun, beganAtMs, failed, runId, started } from './domain/lineage/lineage.fixture.ts';
import { messageOf } from './domain/lineage/tell-lineage.ts';
import { traceparentOf } from './domain/runs/request-of.ts';
import { runTraceparentOf } from './domain/traces/run-traceparent.ts';
import { traceAttempt } from './worker/attempts/trace-attempt.ts';
import { aRequest, openDesk, openWorker, rigPartitions } from './worker/worker-rig.fixture.ts';

const attempts = [1, 2].map((epoch) => ({ task: 'extract', part: 0, epoch }));
let spans: readonly OtlpSpan[];

/** A run whose first attempt fails and whose second one succeeds, then fails as a whole; what the orchestrator and its worker trace of it. */
beforeAll(async () => {
  const collector = await startOtlpCollector();
  const tracing = startTracing({ service: 'orchestrator', version: '0', endpoint: collector.url, clock: systemClock });

  const run = aLineageRun();
  run.begin();
  run.give(started);
  run.give(failed('poison'));
  traceRuns(tracing.tracer, [
    { topic: topics.taskReported.name, key: 'k', value: {} },
    ...run.told.map(messageOf),
    // As an older version left it in the outbox.
    ...run.told.map((event) => messageOf({ ...event, run: { ...event.run, facets: {} } })),
  ]);

  const broker = createMemoryBroker({ clock: systemEngineClock });
  for (const { name } of [topics.taskRequestedDefault, topics.taskReported]) broker.createTopic(name, rigPartitions);
  const client = broker.connect();
  const desk = await openDesk(client);
  const worker = await openWorker({
    client,
    executor: {
      run: ({ request }) =>
        request.epoch === 1
          ? Promise.reject(new VigilError('DATABASE_CONFLICT', { detail: 'of Jane Doe' }))
          : Promise.resolve({ counts: {}, values: {}, ref: null }),
    },
    onEnded: (attempt) => traceAttempt(tracing.tracer, attempt, systemClock.now()),
  });
  const asked = attempts.map((attempt) =>
    aRequest({ ...attempt, runId, workflow: 'nightly', attempt: attempt.epoch, traceparent: traceparentOf(runId, attempt) }),
  );
  await desk.ask(asked[0]!);
  await desk.reports('failed', 1);
  await desk.ask(asked[1]!, aRequest({ task: 'of an older orchestrator', epoch: 2, traceparent: null }));
  await desk.reports('succeeded', 2);
  await worker.stop();
  await desk.close();
  await tracing.close();
  spans = collector.spans();
  await collector.close();
});

const spanAt = (traceparent: string) => spans.filter((span) => `00-${span.traceId}-${span.spanId}-01` === traceparent);

test('a run is one trace: its span is the root, and its attempts are spans below it, under the ids that their records carry', () => {
  expect(spans).toHaveLength(3);
  const [root] = spanAt(runTraceparentOf(runId));
  expect(root).toMatchObject({ name: 'nightly', startTimeUnixNano: `${beganAtMs}000000`, endTimeUnixNano: `${beganAtMs + 2000}000000` });
  expect(root!.parentSpanId ?? '').toBe('');
  for (const attempt of attempts) {
    const [span] = spanAt(traceparentOf(runId, attempt));
    expect(span).toMatchObject({ name: 'nightly.extract', traceId: root!.traceId, parentSpanId: root!.spanId });
  }
});

test('spans tell how it ended by codes and ids, and no sentence', () => {
  const [first, second] = attempts.map((attempt) => spanAt(traceparentOf(runId, attempt))[0]!);
  const [root] = spanAt(runTraceparentOf(runId));
  const own = { 'vigil.run.id': runId, 'vigil.workflow': 'nightly' };
  const ofTask = { ...own, 'vigil.task': 'extract', 'vigil.task.part': 0, 'vigil.batch.id': 'b1' };

  expect([root, first, second].map((span) => [otlpAttributes(span!.attributes), span!.status.code])).toEqual([
    [{ ...own, 'vigil.outcome': 'failed', 'error.type': '_OTHER' }, 2],
    [{ ...ofTask, 'vigil.task.attempt': 1, 'vigil.outcome': 'failed', 'error.type': 'DATABASE_CONFLICT' }, 2],
    [{ ...ofTask, 'vigil.task.attempt': 2, 'vigil.outcome': 'succeeded' }, 0],
  ]);
  expect(JSON.stringify(spans)).not.toContain('Jane');
});
