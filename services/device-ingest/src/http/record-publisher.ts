/** A record for one of the `received` topics. */
export interface ReceivedRecord {
  readonly topic: string;
  readonly key: string;
  /** Byte for byte as the sender wrote it. */
  readonly value: Buffer;
  /** W3C trace context of the request; null = none. */
  readonly traceparent: string | null;
}

/** Critical: some record of the request lies beyond a critical limit. */
export type Urgency = 'critical' | 'usual';

/** Writes to Kafka what the gateway took. */
export interface RecordPublisher {
  /**
   * Resolves once Kafka has acknowledged every record.
   * @param urgency  some room is kept for what is critical
   * @throws what `classifyError` calls `dependency` or `transient`: none, some or all of them may have been written
   */
  publish(records: readonly ReceivedRecord[], urgency: Urgency): Promise<void>;
}
