import { ROOT_CONTEXT, SpanKind, SpanStatusCode, trace, type Attributes, type Link } from '@opentelemetry/api';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { resourceFromAttributes } from '@opentelemetry/resources';
import { NodeSDK } from '@opentelemetry/sdk-node';
import type { Clock } from '@vigil/core';
import type { BatchProcessed, BatchTracer } from './batch-tracer.ts';
import { parseTraceparent } from './parse-traceparent.ts';
import { createPromisedIds } from './promised-ids.ts';
import * as conventions from './semantic-conventions.ts';
import type { EndedSpan, SpanTracer, WorkAttributes } from './span-tracer.ts';

export interface TracingOptions {
  readonly service: string;
  readonly version: string;
  /** Base URL of an OTLP/HTTP collector. */
  readonly endpoint: string;
  readonly clock: Clock;
}

export interface Tracing {
  readonly tracer: BatchTracer & SpanTracer;
  /** Sends what is waiting and stops. */
  close(): Promise<void>;
}

const linksOf = ({ traceparents = [] }: BatchProcessed): Link[] =>
  traceparents.flatMap((header) => {
    const context = parseTraceparent(header);
    return context === undefined ? [] : [{ context }];
  });

const namedAttributes = (attributes: WorkAttributes): Attributes =>
  Object.fromEntries(Object.entries(attributes).map(([key, value]) => [conventions.workAttributes[key as keyof WorkAttributes], value]));

const contextOf = (parent: string | null) => {
  const context = parent === null ? undefined : parseTraceparent(parent);
  return context === undefined ? ROOT_CONTEXT : trace.setSpanContext(ROOT_CONTEXT, context);
};

/**
 * Starts traces towards a collector: one span per committed batch, linked to the traces of its records, and spans that were
 * promised to others by their ids.
 * Metrics and logs go their own way (prom-client, standard output), so their exporters are off; the resource says
 * nothing of host, user or command line.
 */
export function startTracing({ service, version, endpoint, clock }: TracingOptions): Tracing {
  const ids = createPromisedIds();
  const sdk = new NodeSDK({
    idGenerator: ids,
    resource: resourceFromAttributes({
      [conventions.serviceName]: service,
      [conventions.serviceVersion]: version,
      [conventions.serviceInstanceId]: crypto.randomUUID(),
    }),
    autoDetectResources: false,
    traceExporter: new OTLPTraceExporter({ url: new URL('v1/traces', endpoint.endsWith('/') ? endpoint : `${endpoint}/`).href }),
    metricReaders: [],
    logRecordProcessors: [],
    instrumentations: [],
  });
  sdk.start();
  const tracer = trace.getTracer('@vigil/runtime', version);
  const spanEnded = ({ name, traceparent, parent, startMs, endMs, attributes, errorType }: EndedSpan): void => {
    const own = parseTraceparent(traceparent);
    if (own === undefined) return;
    const failure = errorType === null ? {} : { [conventions.errorType]: errorType };
    const options = { startTime: startMs, attributes: { ...namedAttributes(attributes), ...failure } };
    const span = ids.under(own, () => tracer.startSpan(name, options, contextOf(parent)));
    if (errorType !== null) span.setStatus({ code: SpanStatusCode.ERROR });
    span.end(endMs);
  };
  return {
    tracer: {
      spanEnded,
      batchProcessed: (batch) => {
        const endTime = clock.now();
        tracer
          .startSpan(conventions.spanNameOf('process', batch.stage), {
            kind: SpanKind.CONSUMER,
            startTime: endTime - batch.commitMs,
            links: linksOf(batch),
            attributes: {
              [conventions.messagingSystemName]: conventions.kafkaSystem,
              [conventions.operationName]: 'process',
              [conventions.operationType]: 'process' satisfies conventions.OperationType,
              [conventions.consumerGroupName]: batch.stage,
              [conventions.partitionId]: String(batch.partition),
              [conventions.batchMessageCount]: batch.consumed,
            },
          })
          .end(endTime);
      },
    },
    close: () => sdk.shutdown(),
  };
}
