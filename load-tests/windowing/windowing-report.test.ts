import { expect, test } from '@jest/globals';
import { growthOf, latencyFiguresOf, restartOf, windowingReportOf, type MeasuredPoint } from './windowing-report.ts';
import { windowingText } from './windowing-text.ts';

const restart = restartOf(['ours', 'a', 'b'], 10, [
  { firstOutputMs: [1_000, 9_000, 5_000], windows: 24 },
  { firstOutputMs: [3_000, 9_000, 3_000], windows: 24 },
]);
const paced = (p99: number) => ({ latencyMs: { p50: 1, p99, max: p99 }, windows: 6, pacedRate: 100 });
const latency = latencyFiguresOf(['ours', 'a'], { rate: 100, seconds: 9, partitions: 4 }, [
  [paced(10), paced(40)],
  [paced(20), paced(60)],
]);
const figure = (cpuSecondsPerMillion: number, complete = true) => ({ throughput: 1, cpuSecondsPerMillion, peakMemoryMiB: 1, complete });
const point = (keys: number, partitions: number, ...figures: MeasuredPoint['figures']): MeasuredPoint => ({
  point: { keys, partitions, records: 1 },
  names: ['ours', 'a', 'b'],
  figures,
});
const growth = growthOf(
  [point(1, 4, figure(2), figure(4)), point(9, 4, figure(3), figure(5, false), figure(8))],
  [point(2, 1, figure(2), figure(4)), point(2, 8, figure(4), figure(4))],
);

test('the fastest of the peer’s variants counts for a restart', () => {
  expect(restart).toMatchObject({ ours: { ms: 2_000 }, peer: { name: 'b', ms: 4_000 }, otherVariants: [{ name: 'a', ms: 9_000 }] });
});

test('the cheapest variant that came to its end counts for growth', () => {
  expect(growth.keys.map(({ peer }) => peer.name)).toEqual(['a', 'b']);
  expect(growth).toMatchObject({ ours: { keys: 1.5, partitions: 2 }, peer: { keys: 2, partitions: 1 } });
});

test('ratios are ours ÷ the peer’s, of medians, and only of the parts that were measured', () => {
  const report = windowingReportOf({ records: 5, restart, latency, growth });
  expect(report.ratio).toEqual({ restart: 0.5, p99: 0.3, growth: { keys: 0.75, partitions: 2 } });
  expect(report).toMatchObject({ name: 'windowing', latencyMs: { p50: 1, p99: 15, max: 15 }, counts: false });
  expect(windowingReportOf({ records: 5 }).ratio).toEqual({});
});

test('the text tells every part, and that a short run does not count', () => {
  const parts = { records: 5, restart, latency, growth };
  const text = windowingText(parts, windowingReportOf(parts));
  expect(text).toContain('restart with 10 keys, start to first output: ours 2000 ms');
  expect(text).toContain('a: p50 1 ms, p99 50 ms, max 50 ms');
  expect(text).toContain('9 keys, 4 partition(s): ours 3 CPU s/million, 1 records/s; b 8 CPU s/million');
  expect(text).toContain('not to be told');
});
