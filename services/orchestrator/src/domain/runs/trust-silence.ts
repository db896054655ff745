/** How far the reports of workers are read, by whichever replica. */
export interface ReportReading {
  /** Ends of the partitions of the topic of reports, as they were asked for at the time of the look. */
  readonly ends: readonly number[];
  /** Next offset that is not taken in yet, by partition; asked for after the ends. */
  readonly positions: ReadonlyMap<number, number>;
}

/** Whether a silent worker may be taken for dead, asked at each look; `null` = the look failed. */
export type SilenceTrust = (reading: ReportReading | null, nowMs: number) => boolean;

interface Sample {
  readonly atMs: number;
  readonly ends: readonly number[];
}

const isTakenIn = ({ ends }: Sample, { positions }: ReportReading): boolean =>
  ends.every((end, partition) => (positions.get(partition) ?? 0) >= end);

/**
 * Silence is the worker's, and not that of the reading, only where everything that was told up to `graceMs` ago is taken in,
 * in all partitions, and has been so for `graceMs` on end: heartbeats of one worker stand in one partition, which another
 * replica may own that stands still; and after an outage of Kafka those who live need a moment to be heard.
 */
export function createSilenceTrust(graceMs: number): SilenceTrust {
  let samples: readonly Sample[] = [];
  let currentSinceMs: number | null = null;
  return (reading, nowMs) => {
    if (reading === null) {
      samples = [];
      currentSinceMs = null;
      return false;
    }
    samples = [...samples.filter(({ atMs }) => nowMs - atMs < graceMs), { atMs: nowMs, ends: reading.ends }];
    const isCurrent = samples.some((sample) => isTakenIn(sample, reading));
    currentSinceMs = isCurrent ? (currentSinceMs ?? nowMs) : null;
    return currentSinceMs !== null && nowMs - currentSinceMs >= graceMs;
  };
}
