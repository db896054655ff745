import type { LagSample } from './partition-history.ts';

/** Seconds of lag gained per second: the least-squares line through the samples. 0 where there is only one moment. */
export function lagSlope(samples: readonly LagSample[]): number {
  const count = samples.length;
  const startMs = samples[0]?.atMs ?? 0;
  const points = samples.map(({ atMs, lagSeconds }) => ({ x: (atMs - startMs) / 1000, y: lagSeconds }));
  const meanX = points.reduce((sum, { x }) => sum + x, 0) / count;
  const meanY = points.reduce((sum, { y }) => sum + y, 0) / count;
  const spread = points.reduce((sum, { x }) => sum + (x - meanX) ** 2, 0);
  if (!(spread > 0)) return 0;
  return points.reduce((sum, { x, y }) => sum + (x - meanX) * (y - meanY), 0) / spread;
}
