/** A committed batch as a span tells it. */
export interface BatchProcessed {
  readonly stage: string;
  readonly partition: number;
  readonly consumed: number;
  readonly commitMs: number;
  /** W3C `traceparent` values of the records. */
  readonly traceparents?: readonly string[];
}

/** Port of tracing: OpenTelemetry stands behind it where a collector is configured, nothing otherwise. */
export interface BatchTracer {
  batchProcessed(batch: BatchProcessed): void;
}

export const silentTracer: BatchTracer = { batchProcessed: () => {} };
