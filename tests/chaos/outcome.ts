/** How the sending of a message ended: `unknown` = an error came instead of the acknowledgement; it may be there or not. */
export type SendState = 'acked' | 'unknown';

/** What was put on the wire, by id. */
export interface SentLog {
  /** Of a reading that was sent twice, the better of both. */
  readonly states: ReadonlyMap<string, SendState>;
  readonly sent: number;
  readonly acked: number;
  readonly malformed: ReadonlySet<string>;
  /** Producers with a critical reading on the received topic: each must become one alert. */
  readonly deteriorating: ReadonlySet<string>;
}

/** A reading as a topic holds it; `place` = partition and offset. */
export interface SeenReading {
  readonly id: string;
  readonly producer: string;
  readonly seq: number;
  readonly place: string;
}

/** One end of an episode on the alert topic. */
export interface SeenAlert {
  readonly alertId: string;
  /** Undefined = a patient who is not of this workload. */
  readonly producer: string | undefined;
  readonly rule: string;
  readonly vital: string | null;
  readonly change: string;
}

/** Everything that the fleet made of a workload, read from the topics, tables and the provider's log themselves. */
export interface Outcome {
  /** Ids on the received topic, as often as they stand there. */
  readonly received: readonly string[];
  /** In log order of each partition. */
  readonly accepted: readonly SeenReading[];
  /** Ids in quarantine; undefined = an origin where nothing of this workload stands. */
  readonly quarantined: readonly (string | undefined)[];
  readonly late: number;
  /** Ids of the rows of clinical.vital_reading. */
  readonly stored: readonly string[];
  /** Rows of the warehouse and how many different readings they are. */
  readonly warehouse: { readonly rows: number; readonly readings: number };
  /** Window id and revision of every closed window. */
  readonly windows: readonly string[];
  readonly alerts: readonly SeenAlert[];
  /** Alerts that the provider took at least once. */
  readonly pagedAlerts: ReadonlySet<string>;
}

/** The figures of a fault, as `docs/reference/reports/chaos.json` has them. */
export interface Verdict {
  readonly sent: number;
  readonly acked: number;
  readonly output: number;
  readonly dlq: number;
  readonly duplicate: number;
  readonly late: number;
  readonly suppressed: number;
  readonly lost: number;
  readonly duplicated: number;
  readonly phantom: number;
  readonly orderViolations: number;
  readonly alertsMissing: number;
  readonly alertsDoubled: number;
  /** The first few of what is wrong, in words. */
  readonly findings: readonly string[];
}
