import { doublesOf } from '../doubles.ts';
import { at, vitalCount } from '../vitals.ts';
import type { Moments } from '../windows/pane.ts';

// One array of doubles: objects with fields would scatter these numbers over memory, and they are read for every sample.
const cellsPerVital = 4;
const PANE_START = 0;
const N = 1;
const MEAN = 2;
const M2 = 3;

/**
 * Per vital, the merged baseline of all panes before the current one. Derived from the panes: thrown away whenever one of
 * them changes, so that a restart, which finds it empty, decides the same.
 */
export class BaselineCache {
  readonly #cells: number[] = doublesOf(Array.from({ length: vitalCount * cellsPerVital }, () => Number.NaN));

  /** Whether something is kept for that current pane. */
  has(vital: number, paneStart: number): boolean {
    return at(this.#cells, vital * cellsPerVital + PANE_START) === paneStart;
  }

  /** Mean of what is kept; NaN where it holds no reading. */
  mean(vital: number): number {
    return at(this.#cells, vital * cellsPerVital + MEAN);
  }

  /** A copy of what is kept. */
  moments(vital: number): Moments {
    const base = vital * cellsPerVital;
    return { n: at(this.#cells, base + N), mean: this.#meanOrZero(base), m2: at(this.#cells, base + M2) };
  }

  /** Keeps moments for that current pane. */
  keep(vital: number, paneStart: number, { n, mean, m2 }: Moments): void {
    const base = vital * cellsPerVital;
    this.#cells[base + PANE_START] = paneStart;
    this.#cells[base + N] = n;
    this.#cells[base + MEAN] = n === 0 ? Number.NaN : mean;
    this.#cells[base + M2] = m2;
  }

  invalidate(): void {
    for (let vital = 0; vital < vitalCount; vital++) this.#cells[vital * cellsPerVital + PANE_START] = Number.NaN;
  }

  #meanOrZero(base: number): number {
    return at(this.#cells, base + N) === 0 ? 0 : at(this.#cells, base + MEAN);
  }
}
