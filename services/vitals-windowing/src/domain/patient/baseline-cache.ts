import { vitalCount } from '../vitals.ts';
import { noMoments, type Moments } from '../windows/pane.ts';

/**
 * Per vital, the merged baseline of all panes before the current one. Derived from the panes: thrown away whenever one of
 * them changes, so that a restart, which finds it empty, decides the same.
 */
export class BaselineCache {
  #paneStarts: number[] = Array.from({ length: vitalCount }, () => Number.NaN);
  readonly #moments: Moments[] = Array.from({ length: vitalCount }, noMoments);

  /** What was kept for that current pane; undefined = build it, by filling what `replace` returns. */
  get(vital: number, paneStart: number): Moments | undefined {
    return this.#paneStarts[vital] === paneStart ? this.#moments[vital] : undefined;
  }

  /** Empty moments to be filled, kept for that current pane. */
  replace(vital: number, paneStart: number): Moments {
    this.#paneStarts[vital] = paneStart;
    const moments = this.#moments[vital] as Moments;
    moments.n = 0;
    moments.mean = 0;
    moments.m2 = 0;
    return moments;
  }

  invalidate(): void {
    this.#paneStarts.fill(Number.NaN);
  }
}
