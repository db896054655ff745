export interface BackOff {
  readonly firstMs: number;
  readonly longestMs: number;
  /** A run that lasted this long was a healthy one: the next failure counts as the first again. */
  readonly healthyMs: number;
}

export const usualBackOff: BackOff = { firstMs: 250, longestMs: 10_000, healthyMs: 10_000 };

/** How many failures in a row there are, once a run of `lastedMs` has ended. */
export const failuresAfter = (failures: number, lastedMs: number, { healthyMs }: BackOff): number =>
  lastedMs >= healthyMs ? 1 : failures + 1;

/** Milliseconds before the next start: doubled with each failure in a row, up to the longest. */
export const delayAfter = (failures: number, { firstMs, longestMs }: BackOff): number =>
  Math.min(longestMs, firstMs * 2 ** Math.min(failures - 1, 20));
