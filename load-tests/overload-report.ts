import { loadavg } from 'node:os';
import { circumstances, latencyOf, type Latency } from './bench-report.ts';
import type { LoadCounts } from './measure/device-load.ts';
import type { OverloadSample } from './measure/overload-sampler.ts';
import { svgPlot } from './svg-plot.ts';

/** A page as the provider took it. */
export interface PagedAt {
  readonly atMs: number;
  readonly latencyMs: number;
}

export interface Span {
  readonly name: string;
  readonly fromMs: number;
  readonly toMs: number;
}

export interface OverloadMeasured {
  readonly seconds: number;
  /** Readings a second that went from the gateway through windowing while as many were sent as it took. */
  readonly capacity: number;
  readonly quotaBytesPerSecond: number;
  readonly spans: { readonly gateway: Span; readonly topic: Span };
  readonly gateway: LoadCounts;
  readonly topic: LoadCounts;
  readonly acknowledged: number;
  /** Records that device-ingest's ledger has of the topic. */
  readonly consumed: number;
  readonly balanced: boolean;
  readonly samples: readonly OverloadSample[];
  readonly pages: readonly PagedAt[];
  readonly maxAdmittedRate: number;
}

const within = ({ fromMs, toMs }: Span, atMs: number): boolean => atMs >= fromMs && atMs <= toMs;
const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length);

/** Seconds from the end of the load until everything is admitted for good; 0 where nothing was held back by the lag, null = not seen before the next load. */
export function recoverySeconds(
  samples: readonly OverloadSample[],
  { fromMs, toMs, untilMs }: Span & { readonly untilMs: number },
  maxRate: number,
): number | null {
  const after = samples.filter(({ atMs }) => atMs > fromMs && atMs < untilMs);
  const lastHeld = after.findLast(({ admittedRate }) => admittedRate !== null && admittedRate < maxRate);
  if (!lastHeld) return 0;
  const normal = after.find(({ atMs, admittedRate }) => atMs > lastHeld.atMs && admittedRate === maxRate);
  return normal === undefined ? null : Math.max(0, (normal.atMs - toMs) / 1000);
}

/** Memory of the last quarter of the load to that of its second quarter: start-up and first windows are over by then. */
export function memoryGrowth(samples: readonly OverloadSample[], span: Span): number {
  const memory = samples.filter(({ atMs }) => within(span, atMs)).map(({ residentMiB }) => residentMiB);
  const quarter = Math.max(1, Math.floor(memory.length / 4));
  return mean(memory.slice(-quarter)) / mean(memory.slice(quarter, 2 * quarter));
}

const latencyIn = (pages: readonly PagedAt[], span: Span): Latency | null => {
  const values = pages.filter(({ atMs }) => within(span, atMs)).map(({ latencyMs }) => latencyMs);
  return values.length === 0 ? null : latencyOf(values);
};

export function overloadReport(measured: OverloadMeasured) {
  const { seconds, capacity, quotaBytesPerSecond, spans, gateway, topic, acknowledged, consumed, balanced, samples, pages } = measured;
  // A page of the last seconds is taken a little later.
  const reach = (span: Span): Span => ({ ...span, toMs: span.toMs + 10_000 });
  const inSpan = (span: Span) => samples.filter(({ atMs }) => within(span, atMs));
  const ofSpan = (span: Span, counts: LoadCounts) => ({
    ...counts,
    greatestLagSeconds: Number(Math.max(0, ...inSpan(span).map(({ lagSeconds }) => lagSeconds ?? 0)).toFixed(1)),
    memoryGrowth: Number(memoryGrowth(samples, span).toFixed(3)),
    alertLatencyMs: latencyIn(pages, reach(span)),
  });
  return {
    name: 'overload',
    ...circumstances(),
    /** Other programs on the machine make every figure worse: far above the number of cores they say little. */
    loadAverage: Number((loadavg()[1] ?? 0).toFixed(1)),
    seconds,
    capacityPerSecond: Math.round(capacity),
    gateway: {
      offeredPerSecond: Math.round(gateway.offered / seconds),
      ...ofSpan(spans.gateway, gateway),
      recoverySeconds: recoverySeconds(samples, { ...spans.gateway, untilMs: spans.topic.fromMs }, measured.maxAdmittedRate),
    },
    topic: { quotaBytesPerSecond, ...ofSpan(spans.topic, topic) },
    acknowledged,
    consumed,
    lostAcknowledged: Math.max(0, acknowledged - consumed),
    balanced,
    samples: samples,
  };
}

export type OverloadReport = ReturnType<typeof overloadReport>;

const show = (latency: Latency | null): string =>
  latency === null ? 'no page' : `p50 ${latency.p50} ms, p99 ${latency.p99} ms, max ${latency.max} ms`;

export const overloadText = ({
  machine,
  seconds,
  capacityPerSecond,
  gateway,
  topic,
  acknowledged,
  lostAcknowledged,
  balanced,
}: OverloadReport): string =>
  [
    `overload on ${machine}; ${seconds} s each`,
    `  capacity: ${capacityPerSecond} readings/s, all parts and the sender on this machine`,
    `  gateway: offered ${gateway.offeredPerSecond}/s; admitted ${gateway.admitted}, refused (429) ${gateway.refused}, 503 ${gateway.unavailable}, no answer ${gateway.unanswered}, not sent ${gateway.unsent}; lag up to ${gateway.greatestLagSeconds} s`,
    `    normal admission after ${gateway.recoverySeconds ?? 'more than the time watched'} s; memory × ${gateway.memoryGrowth}; pages ${show(gateway.alertLatencyMs)}`,
    `  topic at a quota of ${topic.quotaBytesPerSecond} bytes/s: acknowledged ${topic.admitted}; lag up to ${topic.greatestLagSeconds} s; memory × ${topic.memoryGrowth}; pages ${show(topic.alertLatencyMs)}`,
    `  ${acknowledged} acknowledged, ${lostAcknowledged} of them lost; ledger ${balanced ? 'balances' : 'DOES NOT BALANCE'}`,
  ].join('\n');

/** Counts between two looks as a rate. */
const rateOf = (samples: readonly OverloadSample[], pick: (sample: OverloadSample) => number): (number | null)[] =>
  samples.map((sample, index) => {
    const before = samples[index - 1];
    return before === undefined ? null : Math.max(0, (pick(sample) - pick(before)) / (sample.second - before.second));
  });

export function overloadPlot({ samples, pages, spans }: OverloadMeasured): string {
  const startMs = (samples[0]?.atMs ?? 0) - (samples[0]?.second ?? 0) * 1000;
  const latencyAt = samples.map(({ atMs }) => {
    const now = pages.filter((page) => page.atMs > atMs - 1000 && page.atMs <= atMs).map(({ latencyMs }) => latencyMs);
    return now.length === 0 ? null : Math.max(...now) / 1000;
  });
  return svgPlot({
    title: 'Overload: 3 × capacity through the gateway, then the topic at its quota',
    seconds: samples.map(({ second }) => second),
    panels: [
      {
        title: 'Readings',
        unit: '/s',
        lines: [
          { name: 'offered', values: rateOf(samples, ({ offered }) => offered) },
          { name: 'admitted', values: rateOf(samples, ({ admitted }) => admitted) },
          { name: 'refused', values: rateOf(samples, ({ refused }) => refused) },
          { name: 'gateway’s rate', values: samples.map(({ admittedRate }) => admittedRate) },
        ],
      },
      {
        title: 'Under way in the gateway',
        unit: 'items',
        lines: [{ name: 'limit', values: samples.map(({ underWayLimit }) => underWayLimit) }],
      },
      { title: 'Lag', unit: 's', lines: [{ name: 'worst group', values: samples.map(({ lagSeconds }) => lagSeconds) }] },
      { title: 'Reading to page', unit: 's', lines: [{ name: 'greatest', values: latencyAt }] },
      {
        title: 'Resident memory',
        unit: 'MiB',
        lines: [
          { name: 'all services', values: samples.map(({ residentMiB }) => residentMiB) },
          { name: 'device-ingest', values: samples.map(({ gatewayMiB }) => gatewayMiB) },
        ],
      },
    ],
    marks: [spans.gateway, spans.topic].flatMap(({ name, fromMs, toMs }) => [
      { second: (fromMs - startMs) / 1000, name },
      { second: (toMs - startMs) / 1000, name: 'end' },
    ]),
  });
}
