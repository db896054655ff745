import { expect, test } from '@jest/globals';
import { batchReportOf, batchText, meetsBatchBars } from './batch-report.ts';

const round = (throughput: number) => ({
  records: 100,
  seconds: 100 / throughput,
  throughput,
  cpuSecondsPerMillion: 4,
  peakMemoryMiB: 100,
});

test('ratios are of medians, and both bars count', () => {
  const report = batchReportOf({ ours: [round(60_000), round(10), round(80_000)], peer: [round(100_000), round(120_000), round(1)] });
  expect(report).toMatchObject({
    throughput: 60_000,
    peer: { throughput: 100_000 },
    ratio: { throughput: 0.6, cpuPerMillion: 1 },
    equal: true,
  });
  expect(meetsBatchBars(report)).toBe(true);
  expect(batchText(report)).toContain('throughput 0.6');
  expect(meetsBatchBars(batchReportOf({ ours: [round(60_000)], peer: [round(130_000)] }))).toBe(false);
  expect(meetsBatchBars(batchReportOf({ ours: [round(49_000)], peer: [] }))).toBe(false);
});

test('without a peer nothing is compared', () => {
  const report = batchReportOf({ ours: [round(60_000)], peer: [] });
  expect(report).not.toHaveProperty('ratio');
  expect(batchText(report)).toContain('alone');
  expect(meetsBatchBars(report)).toBe(true);
});
