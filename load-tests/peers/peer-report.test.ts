import { expect, test } from '@jest/globals';
import type { Round } from '../bench-report.ts';
import { peerReportOf, peerReportText } from './peer-report.ts';

const aRound = (throughput: number, cpuSecondsPerMillion: number, peakMemoryMiB: number): Round => ({
  records: 100,
  seconds: 1,
  throughput,
  cpuSecondsPerMillion,
  peakMemoryMiB,
});

const measured = {
  ours: [aRound(800, 1, 100), aRound(1_000, 2, 300), aRound(900, 3, 200)],
  peerName: 'kafka-streams',
  variants: [
    { store: 'rocksdb', rounds: [aRound(100, 9, 900)] },
    { store: 'memory', rounds: [aRound(100, 8, 400), aRound(300, 4, 400), aRound(200, 6, 400)] },
  ],
  windows: 12,
};

test('ratios are ours ÷ the faster variant, of medians', () => {
  expect(peerReportOf('windowing', measured)).toMatchObject({
    name: 'windowing',
    throughput: 900,
    peer: { name: 'kafka-streams', store: 'memory', throughput: 200, cpuSecondsPerMillion: 6, peakMemoryMiB: 400 },
    otherVariants: [{ store: 'rocksdb', throughput: 100 }],
    ratio: { throughput: 4.5, cpuPerMillion: 0.333, memory: 0.5 },
    equal: true,
    windows: 12,
  });
});

test('the text names every variant and the ratios', () => {
  const text = peerReportText(peerReportOf('windowing', measured));
  expect(text).toContain('kafka-streams (rocksdb): 100 records/s');
  expect(text).toContain('ours ÷ kafka-streams (memory): throughput 4.5, CPU 0.333, memory 0.5; 12 outputs equal');
});

test('without a measured variant there is no ratio', () => {
  expect(() => peerReportOf('windowing', { ...measured, variants: [] })).toThrow('No variant of kafka-streams was measured.');
});
