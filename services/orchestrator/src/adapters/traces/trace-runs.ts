import { topics, type RunEmitted } from '@vigil/contracts';
import type { SpanTracer } from '@vigil/runtime';
import { traceFacetName, type RunEvent, type TraceFacet } from '../../domain/lineage/run-event.ts';
import type { OutboxMessage } from '../../domain/runs/ports.ts';

const outcomes: Readonly<Record<string, string>> = { COMPLETE: 'succeeded', FAIL: 'failed', ABORT: 'cancelled' };
/** Which code it was is the attempts' to say. */
const someError = '_OTHER';

/**
 * The spans of runs that ended, made of what lineage told of them once Kafka had it: it survives the process that took the
 * run's last step, and a step that was rolled back told nothing. A run that is repeated from a task ends again, as the same span.
 */
export function traceRuns(spans: SpanTracer, messages: readonly OutboxMessage[]): void {
  for (const { topic, value } of messages) {
    if (topic !== topics.lineageRunEmitted.name || (value as RunEmitted).eventType === 'START') continue;
    const { eventType, eventTime, run, job } = JSON.parse((value as RunEmitted).event) as RunEvent;
    const trace = run.facets[traceFacetName] as TraceFacet | undefined;
    // An attempt, or an event that an older version left in the outbox.
    if (trace?.startTime === undefined) continue;
    spans.spanEnded({
      name: job.name,
      traceparent: `00-${trace.traceId}-${trace.spanId}-01`,
      parent: null,
      startMs: Date.parse(trace.startTime),
      endMs: Date.parse(eventTime),
      attributes: { runId: run.runId, workflow: job.name, outcome: outcomes[eventType] ?? eventType },
      errorType: eventType === 'FAIL' ? someError : null,
    });
  }
}
