import type { SpanTracer } from '@vigil/runtime';
import { runTraceparentOf } from '../../domain/traces/run-traceparent.ts';
import type { EndedAttempt } from './attempts.ts';

/**
 * The span of an attempt, under the ids that its request named: what the attempt wrote carries them, so the batches of the
 * stages behind it link here. An attempt whose worker dies has none: nobody knows when it ended.
 */
export function traceAttempt(spans: SpanTracer, { request, how, lastedMs, errorCode }: EndedAttempt, endMs: number): void {
  const { runId, workflow, task, part, attempt, batchId, traceparent } = request;
  if (traceparent === null) return;
  spans.spanEnded({
    name: `${workflow}.${task}`,
    traceparent,
    parent: runTraceparentOf(runId),
    startMs: endMs - lastedMs,
    endMs,
    attributes: { runId, workflow, task, part, attempt, batchId, outcome: how },
    errorType: errorCode === '' ? null : errorCode,
  });
}
