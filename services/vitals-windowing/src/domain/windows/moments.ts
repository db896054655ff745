/** Count, mean and sum of squared differences of the readings that may serve as a baseline. */
export interface Moments {
  n: number;
  mean: number;
  m2: number;
}

export const noMoments = (): Moments => ({ n: 0, mean: 0, m2: 0 });

/** Merges the moments of two disjoint sets of readings. @see Chan, Golub, LeVeque 1979 */
export function mergeMoments(total: Moments, n: number, mean: number, m2: number): void {
  if (n === 0) return;
  if (total.n === 0) {
    total.n = n;
    total.mean = mean;
    total.m2 = m2;
    return;
  }
  const sum = total.n + n;
  const delta = mean - total.mean;
  total.mean += (delta * n) / sum;
  total.m2 += m2 + (delta * delta * total.n * n) / sum;
  total.n = sum;
}

/** Sample standard deviation; null below two readings. */
export const deviationOf = ({ n, m2 }: Moments): number | null => (n < 2 ? null : Math.sqrt(Math.max(0, m2) / (n - 1)));
