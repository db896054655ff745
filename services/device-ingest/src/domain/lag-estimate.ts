interface Sample {
  readonly atMs: number;
  /** The partition's end at that time. */
  readonly end: number;
}

export interface PartitionState {
  readonly nowMs: number;
  /** Next offset the group will process. */
  readonly position: number;
  /** Last stable offset. */
  readonly end: number;
}

/** Ten minutes at a sample a second: far beyond any lag at which the gateway still has a choice. */
const keptSamples = 600;

/**
 * Lag in seconds without reading a record: the end of the partition is remembered over time, and the record at the group's
 * position was taken when the end passed it. Exact to the distance of two samples; for what was already waiting before the
 * first sample, the time since then (a lower bound that grows until the backlog is worked off).
 */
export function createLagEstimate(): (state: PartitionState) => number {
  const samples: Sample[] = [];
  return ({ nowMs, position, end }) => {
    samples.push({ atMs: nowMs, end });
    if (samples.length > keptSamples) samples.shift();
    if (position >= end) return 0;
    // The last time at which the end had not yet passed the position: the record there was taken after it.
    const before = samples.findLast((sample) => sample.end <= position) ?? samples[0];
    return Math.max(0, (nowMs - (before as Sample).atMs) / 1000);
  };
}
