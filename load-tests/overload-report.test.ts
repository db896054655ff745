import { expect, test } from '@jest/globals';
import { noCounts } from './measure/device-load.ts';
import type { OverloadSample } from './measure/overload-sampler.ts';
import { memoryGrowth, overloadPlot, overloadReport, overloadText, recoverySeconds, type OverloadMeasured } from './overload-report.ts';

const sample = (second: number, admittedRate: number | null, residentMiB = 100): OverloadSample => ({
  ...noCounts(),
  offered: second * 10,
  admitted: second * 5,
  second,
  atMs: second * 1000,
  lagSeconds: 1,
  admittedRate,
  underWayLimit: 500,
  eventLoopMs: 20,
  residentMiB,
  gatewayMiB: 10,
  gatewayCpuSeconds: second,
});
const span = { name: 'overload', fromMs: 2000, toMs: 10_000 };
const watched = { ...span, untilMs: 30_000 };

test('recovery counts from the end of the load to the first look after which all is admitted', () => {
  const held = [1000, 100, 50, 50, 100, 1000, 80, 1000].map((rate, index) => sample(4 + index * 2, rate));
  expect(recoverySeconds(held, watched, 1000)).toBe(8);
  // What is held back under the next load is not of this one.
  expect(recoverySeconds(held, { ...span, untilMs: 15_000 }, 1000)).toBe(4);
  expect(recoverySeconds(held.slice(0, 5), watched, 1000)).toBeNull();
  expect(recoverySeconds([sample(3, 1000), sample(20, 1000)], watched, 1000)).toBe(0);
});

test('memory is compared without its warming up', () => {
  const samples = [10, 90, 100, 100, 100, 100, 120, 120].map((MiB, index) => sample(2 + index, 1, MiB));
  expect(memoryGrowth(samples, span)).toBe(1.2);
});

test('what was acknowledged and not consumed is lost', () => {
  const measured: OverloadMeasured = {
    seconds: 8,
    capacity: 10,
    quotaBytesPerSecond: 100,
    spans: { gateway: span, topic: { name: 'quota', fromMs: 20_000, toMs: 28_000 } },
    gateway: { ...noCounts(), offered: 240, admitted: 80, refused: 160 },
    topic: noCounts(),
    acknowledged: 100,
    consumed: 97,
    balanced: true,
    samples: [sample(3, 1000), sample(4, 500), sample(12, 1000)],
    pages: [{ atMs: 4000, latencyMs: 300 }],
    maxAdmittedRate: 1000,
  };
  const report = overloadReport(measured);

  expect(report).toMatchObject({
    lostAcknowledged: 3,
    gateway: { offeredPerSecond: 30, recoverySeconds: 2, alertLatencyMs: { p50: 300, p99: 300 } },
    topic: { alertLatencyMs: null },
  });
  expect(overloadText(report)).toContain('3 of them lost');
  expect(overloadPlot(measured)).toContain('gateway’s rate');
});
