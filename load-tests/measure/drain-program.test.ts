import { expect, test } from '@jest/globals';
import { roundOfSamples } from './drain-program.ts';

const sample = (atMs: number, committed: number, cpuSeconds: number, peakMemoryMiB = 100) => ({
  atMs,
  committed,
  usage: { cpuSeconds, peakMemoryMiB },
});

test('time, CPU and records count from the first commit to the last', () => {
  const samples = [sample(0, 0, 0), sample(5_000, 100_000, 9), sample(5_500, 100_000, 9.5), sample(7_000, 500_000, 10, 150)];
  expect(roundOfSamples(samples)).toEqual({
    records: 400_000,
    seconds: 2,
    throughput: 200_000,
    cpuSecondsPerMillion: 2.5,
    peakMemoryMiB: 150,
  });
});

test.each([[[]], [[sample(0, 0, 0)]], [[sample(0, 0, 0), sample(10, 500, 1)]]])('a run without a span gives no figure', (samples) => {
  expect(() => roundOfSamples(samples)).toThrow('take more --records');
});
