import type { LagObserved } from '@vigil/contracts';

/** Groups between a reading and a page: their lag is what a patient waits for. */
export const liveGroups = ['device-ingest', 'vitals-windowing', 'alert-router'] as const;

/** After this time without a new observation the observer counts as silent. */
export const silentAfterMs = 10_000;

export interface LiveLag {
  readonly lagSeconds: number;
  /** Of the oldest observation among them: a reader that saw it before learns nothing new. */
  readonly observedAt: number;
}

/** The greatest lag of these groups; null when one of them was not observed lately. */
export function liveLagOf(
  observed: ReadonlyMap<string, LagObserved>,
  nowMs: number,
  groups: readonly string[] = liveGroups,
): LiveLag | null {
  let live: LiveLag = { lagSeconds: 0, observedAt: nowMs };
  for (const group of groups) {
    const found = observed.get(group);
    // Nor does one from the future count: a clock that is set right would make it the last word for as long as it was wrong.
    if (!found || Math.abs(nowMs - found.observedAt) > silentAfterMs) return null;
    live = { lagSeconds: Math.max(live.lagSeconds, found.lagSeconds), observedAt: Math.min(live.observedAt, found.observedAt) };
  }
  return live;
}
