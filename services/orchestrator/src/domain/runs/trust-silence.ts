/** How well the reports of workers are read. */
export interface ReadingHealth {
  readonly state: string;
  readonly assigned: readonly number[];
  readonly openTasks: number;
  /** Age of the oldest report that was not taken in yet. */
  readonly lagSeconds: number;
}

/**
 * Whether a silent worker may be taken for dead: only while reports have been read as they come for `graceMs` on end. After
 * an outage of ours the heartbeats of those who live stand in Kafka, and their leases are over in the database.
 */
export function createSilenceTrust(graceMs: number): (health: ReadingHealth | undefined, nowMs: number) => boolean {
  let readingSinceMs: number | null = null;
  return (health, nowMs) => {
    const reads =
      health?.state === 'running' &&
      health.assigned.length > 0 &&
      health.openTasks === health.assigned.length &&
      health.lagSeconds * 1000 < graceMs;
    readingSinceMs = reads ? (readingSinceMs ?? nowMs) : null;
    return readingSinceMs !== null && nowMs - readingSinceMs >= graceMs;
  };
}
