import { cpus, totalmem } from 'node:os';

/** What one round of a scenario measured. */
export interface Round {
  readonly records: number;
  readonly seconds: number;
  readonly throughput: number;
  readonly cpuSecondsPerMillion: number;
  readonly peakMemoryMiB: number;
  readonly latencyMs?: Latency;
}

export interface Latency {
  readonly p50: number;
  readonly p99: number;
  readonly max: number;
}

/** The document of `npm run bench -- NAME --report FILE`; figures are medians over the rounds. */
export interface BenchReport {
  readonly name: string;
  readonly machine: string;
  readonly versions: Readonly<Record<string, string>>;
  readonly records: number;
  readonly rounds: readonly Round[];
  readonly throughput: number;
  readonly cpuSecondsPerMillion: number;
  readonly peakMemoryMiB: number;
  readonly latencyMs?: Latency;
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const [low = 0, high = 0] = [sorted[sorted.length % 2 === 0 ? middle - 1 : middle], sorted[middle]];
  return (low + high) / 2;
}

/** Nearest-rank quantiles of at least one value. */
export function latencyOf(valuesMs: readonly number[]): Latency {
  const sorted = valuesMs.toSorted((a, b) => a - b);
  const at = (q: number): number => sorted[Math.max(0, Math.ceil(q * sorted.length) - 1)] ?? 0;
  return { p50: at(0.5), p99: at(0.99), max: at(1) };
}

/** Where and with what a figure was measured. */
export const circumstances = () => ({ machine: machine(), versions: { node: process.version, kafka: '4.3.1', kafkajs: '2.2.4' } });

const machine = (): string => `${cpus().length} × ${cpus()[0]?.model.trim() ?? 'unknown'}, ${Math.round(totalmem() / 2 ** 30)} GiB`;

export function reportOf(name: string, rounds: readonly Round[]): BenchReport {
  const medianOf = (pick: (round: Round) => number): number => median(rounds.map(pick));
  const latencies = rounds.flatMap(({ latencyMs }) => (latencyMs ? [latencyMs] : []));
  return {
    name,
    ...circumstances(),
    records: rounds[0]?.records ?? 0,
    rounds,
    throughput: Math.round(medianOf(({ throughput }) => throughput)),
    cpuSecondsPerMillion: Number(medianOf(({ cpuSecondsPerMillion }) => cpuSecondsPerMillion).toFixed(3)),
    peakMemoryMiB: Math.round(medianOf(({ peakMemoryMiB }) => peakMemoryMiB)),
    ...(latencies.length > 0 && {
      latencyMs: {
        p50: median(latencies.map(({ p50 }) => p50)),
        p99: median(latencies.map(({ p99 }) => p99)),
        max: median(latencies.map(({ max }) => max)),
      },
    }),
  };
}

export const reportText = ({
  name,
  machine: on,
  rounds,
  throughput,
  cpuSecondsPerMillion,
  peakMemoryMiB,
  latencyMs,
}: BenchReport): string =>
  [
    `${name} on ${on}; ${rounds.length} round(s)`,
    ...rounds.map(
      (round, index) =>
        `  round ${index + 1}: ${round.records} records in ${round.seconds.toFixed(2)} s, ${Math.round(round.throughput)} records/s, ${round.cpuSecondsPerMillion.toFixed(2)} CPU s/million, ${Math.round(round.peakMemoryMiB)} MiB`,
    ),
    `  median: ${throughput} records/s, ${cpuSecondsPerMillion} CPU s/million, ${peakMemoryMiB} MiB`,
    ...(latencyMs ? [`  latency: p50 ${latencyMs.p50} ms, p99 ${latencyMs.p99} ms, max ${latencyMs.max} ms`] : []),
  ].join('\n');
