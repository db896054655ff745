/** How a stage runs. Every value has a default that fits production. */
export interface EngineSettings {
  /** A commit is due this long after the first record of a transaction was handled; five to ten times as long while the task is behind, half as long where `promptAggregates` says so. */
  readonly commitIntervalMs: number;
  /** … or when it holds this many consumed records. A task that is behind then writes state that changed again and again once. */
  readonly commitRecords: number;
  /** … or when it will write this many records, outputs and rows of state. */
  readonly commitOutputs: number;
  /** … or when what it will write reaches this many bytes, keys and values: one record may be as large as thousands of others. */
  readonly commitBytes: number;
  /** A task that keeps up and has this many aggregates to write (windows, alerts) commits after half the interval: many became due at once. */
  readonly promptAggregates: number;
  readonly transactionTimeoutMs: number;
  readonly sessionTimeoutMs: number;
  /** Fetched records waiting per partition: above it the partition is paused, below half of it resumed. */
  readonly maxQueuedRecords: number;
  readonly maxQueuedBytes: number;
  /** Longest wait for something to read. */
  readonly pollMs: number;
  readonly tickIntervalMs: number;
  /** First delay after a transient failure; doubled each time up to `retryCapMs`, with full jitter. */
  readonly retryBaseMs: number;
  readonly retryCapMs: number;
  /** Attempts at one record before PROCESSOR_FAULT. */
  readonly faultAttempts: number;
  readonly quarantine: QuarantineLimits;
  /** Headers `vigil-service` and `vigil-service-version` of dead letters; the service's name defaults to the topology's. */
  readonly service?: string;
  readonly serviceVersion: string;
}

/** Beyond these the stage stops instead of draining a bad deploy into quarantine. */
export interface QuarantineLimits {
  /** Rejected records in a row on one task; survives a restart. */
  readonly consecutive: number;
  /** Rejected ÷ consumed among at least `ratioMinRecords` records of one task. */
  readonly ratio: number;
  readonly ratioMinRecords: number;
}

export const defaultEngineSettings: EngineSettings = Object.freeze({
  commitIntervalMs: 100,
  commitRecords: 100_000,
  commitOutputs: 20_000,
  commitBytes: 16 * 1024 * 1024,
  promptAggregates: 500,
  transactionTimeoutMs: 10_000,
  sessionTimeoutMs: 6_000,
  maxQueuedRecords: 20_000,
  maxQueuedBytes: 8 * 1024 * 1024,
  pollMs: 500,
  tickIntervalMs: 1_000,
  retryBaseMs: 100,
  retryCapMs: 30_000,
  faultAttempts: 3,
  quarantine: Object.freeze({ consecutive: 1_000, ratio: 0.5, ratioMinRecords: 5_000 }),
  serviceVersion: '0.1.0',
});
