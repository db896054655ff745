import { doublesOf } from '../doubles.ts';
import { at, vitalCount } from '../vitals.ts';
import type { Moments } from '../windows/moments.ts';

// One array of doubles: objects with fields would scatter these numbers over memory, and they are read for every sample.
const cellsPerVital = 4;
const PANE_START = 0;
const N = 1;
const MEAN = 2;
const M2 = 3;

const nothingKept: readonly number[] = doublesOf(Array.from({ length: vitalCount * cellsPerVital }, () => Number.NaN));

/**
 * Per vital, the merged baseline of all panes before the current one. Derived from the panes: thrown away whenever one of
 * them changes, so that a restart, which finds it empty, decides the same.
 */
export class BaselineCache {
  /** Null = nothing is kept: of a million patients few are held against a baseline at a time. */
  #cells: number[] | null = null;

  /** Whether something is kept for that current pane. */
  has(vital: number, paneStart: number): boolean {
    return this.#cells !== null && at(this.#cells, vital * cellsPerVital + PANE_START) === paneStart;
  }

  /** Mean of what is kept; NaN where it holds no reading. */
  mean(vital: number): number {
    return at(this.#cells ?? nothingKept, vital * cellsPerVital + MEAN);
  }

  /** A copy of what is kept. */
  moments(vital: number): Moments {
    const cells = this.#cells ?? nothingKept;
    const base = vital * cellsPerVital;
    const n = at(cells, base + N);
    return { n, mean: n === 0 ? 0 : at(cells, base + MEAN), m2: at(cells, base + M2) };
  }

  /** Keeps moments for that current pane. */
  keep(vital: number, paneStart: number, { n, mean, m2 }: Moments): void {
    const cells = (this.#cells ??= doublesOf(nothingKept));
    const base = vital * cellsPerVital;
    cells[base + PANE_START] = paneStart;
    cells[base + N] = n;
    cells[base + MEAN] = n === 0 ? Number.NaN : mean;
    cells[base + M2] = m2;
  }

  invalidate(): void {
    const cells = this.#cells;
    if (cells === null) return;
    for (let vital = 0; vital < vitalCount; vital++) cells[vital * cellsPerVital + PANE_START] = Number.NaN;
  }
}
