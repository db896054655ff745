/** How event time is cut. All in milliseconds; windows are [start, start + sizeMs), aligned to the epoch. */
export interface WindowRules {
  readonly sizeMs: number;
  /** Distance between window starts; equal to `sizeMs` = tumbling, smaller = hopping. */
  readonly advanceMs: number;
  /** Width of a pane; divides `sizeMs` and `advanceMs`. */
  readonly paneMs: number;
  /** Out-of-orderness bound: the patient's watermark = greatest event time − this. */
  readonly boundMs: number;
  /** A window is final when the watermark reaches its end + this. */
  readonly graceMs: number;
  /** A final window can be corrected until the watermark is this much further. */
  readonly retentionMs: number;
  /** A window closes idle when the patient has been silent this long, in processing time. */
  readonly idleMs: number;
  /** State of a patient silent this long, in processing time, is dropped. */
  readonly dropAfterMs: number;
  /** Whether every update of a window is told (`vitals.window.updated.v1`). */
  readonly earlyUpdates: boolean;
}

const alignDown = (time: number, step: number): number => Math.floor(time / step) * step;

export const paneStartOf = (time: number, { paneMs }: WindowRules): number => alignDown(time, paneMs);

/** Start of the newest window that holds `time`. */
export const newestWindowOf = (time: number, { advanceMs }: WindowRules): number => alignDown(time, advanceMs);

/** Start of the oldest window that holds `time`. */
export const oldestWindowOf = (time: number, { sizeMs, advanceMs }: WindowRules): number => alignDown(time - sizeMs, advanceMs) + advanceMs;

/** Start of the newest window that is final at this watermark: older ones are too. */
export const newestFinalAt = (watermark: number, { sizeMs, graceMs, advanceMs }: WindowRules): number =>
  alignDown(watermark - graceMs - sizeMs, advanceMs);

/** Start of the oldest window that can still be corrected at this watermark. */
export const oldestCorrectableAt = (watermark: number, rules: WindowRules): number =>
  newestFinalAt(watermark - rules.retentionMs, rules) + rules.advanceMs;

/** Anything that stands for a slice of event time. */
interface Slice {
  readonly start: number;
}

/**
 * Visits the windows with data, oldest first: those that hold one of the panes (oldest first), after `after` and up to `upTo`.
 * It goes by the panes and not by the clock, because between two readings of one patient may lie years.
 */
export function visitWindows(
  panes: readonly Slice[],
  rules: WindowRules,
  { after, upTo, visit }: { readonly after: number; readonly upTo: number; readonly visit: (start: number) => void },
): void {
  let next = after + rules.advanceMs;
  for (const { start } of panes) {
    const newest = Math.min(newestWindowOf(start, rules), upTo);
    for (let window = Math.max(next, oldestWindowOf(start, rules)); window <= newest; window += rules.advanceMs) {
      visit(window);
      next = window + rules.advanceMs;
    }
  }
}
