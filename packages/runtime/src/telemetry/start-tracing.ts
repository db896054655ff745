import { SpanKind, type Link } from '@opentelemetry/api';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { resourceFromAttributes } from '@opentelemetry/resources';
import { NodeSDK } from '@opentelemetry/sdk-node';
import { trace } from '@opentelemetry/api';
import type { Clock } from '@vigil/core';
import type { BatchProcessed, BatchTracer } from './batch-tracer.ts';
import { parseTraceparent } from './parse-traceparent.ts';
import * as conventions from './semantic-conventions.ts';

export interface TracingOptions {
  readonly service: string;
  readonly version: string;
  /** Base URL of an OTLP/HTTP collector. */
  readonly endpoint: string;
  readonly clock: Clock;
}

export interface Tracing {
  readonly tracer: BatchTracer;
  /** Sends what is waiting and stops. */
  close(): Promise<void>;
}

const linksOf = ({ traceparents = [] }: BatchProcessed): Link[] =>
  traceparents.flatMap((header) => {
    const context = parseTraceparent(header);
    return context === undefined ? [] : [{ context }];
  });

/**
 * Starts traces towards a collector: one span per committed batch, linked to the traces of its records.
 * Metrics and logs go their own way (prom-client, standard output), so their exporters are off; the resource says
 * nothing of host, user or command line.
 */
export function startTracing({ service, version, endpoint, clock }: TracingOptions): Tracing {
  const sdk = new NodeSDK({
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
  return {
    tracer: {
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
