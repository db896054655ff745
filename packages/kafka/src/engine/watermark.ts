/**
 * The watermark of one key: how far its event time is known to be complete.
 * One per patient, so that a monitor whose clock runs ahead makes nobody else's readings late.
 */
export interface Watermark {
  /** Greatest event time seen, milliseconds since the epoch; null = nothing seen. */
  readonly maxEventTimeMs: number | null;
}

export const noWatermark: Watermark = Object.freeze({ maxEventTimeMs: null });

/** The watermark after an event at `eventTimeMs`: it never moves back. */
export const advanceWatermark = (mark: Watermark, eventTimeMs: number): Watermark =>
  mark.maxEventTimeMs !== null && mark.maxEventTimeMs >= eventTimeMs ? mark : { maxEventTimeMs: eventTimeMs };

/** Event time up to which this key is complete; −∞ before its first event. */
export const watermarkMs = ({ maxEventTimeMs }: Watermark, outOfOrdernessMs: number): number =>
  maxEventTimeMs === null ? Number.NEGATIVE_INFINITY : maxEventTimeMs - outOfOrdernessMs;

/** Start of the tumbling window of `sizeMs` that holds `eventTimeMs`: [start, start + size), aligned to the epoch. */
export const windowStartOf = (eventTimeMs: number, sizeMs: number): number => Math.floor(eventTimeMs / sizeMs) * sizeMs;

/** A window is final once its key's watermark reached its end plus the grace period. */
export const isFinal = (
  windowEndMs: number,
  mark: Watermark,
  limits: { readonly outOfOrdernessMs: number; readonly graceMs: number },
): boolean => watermarkMs(mark, limits.outOfOrdernessMs) >= windowEndMs + limits.graceMs;

/**
 * Whether a key is idle at a window's end: the task's clock is past the end plus the idle time, and nothing of the key
 * was processed for the idle time, counted from the end of a restore at the earliest. Only for a caught-up task.
 */
export const isIdleAt = (
  windowEndMs: number,
  activity: { readonly nowMs: number; readonly lastProcessedAtMs: number; readonly restoredAtMs: number; readonly caughtUp: boolean },
  idleMs: number,
): boolean =>
  activity.caughtUp &&
  activity.nowMs >= windowEndMs + idleMs &&
  activity.nowMs - Math.max(activity.lastProcessedAtMs, activity.restoredAtMs) >= idleMs;
