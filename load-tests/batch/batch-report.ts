import { median, reportOf, type BenchReport } from '../bench-report.ts';
import type { BatchRounds } from '../scenarios/batch-against-peer.ts';

/** `bench -- batch --report FILE`; ratios are ours ÷ the peer's, of medians. */
export interface BatchReport extends BenchReport {
  readonly peer?: {
    readonly name: string;
    readonly throughput: number;
    readonly cpuSecondsPerMillion: number;
    readonly peakMemoryMiB: number;
  };
  readonly ratio?: { readonly throughput: number; readonly cpuPerMillion: number; readonly memory: number };
  /** Only tables that were found equal get here. */
  readonly equal?: true;
}

const rounded = (value: number): number => Number(value.toFixed(3));

export function batchReportOf({ ours, peer: rounds }: BatchRounds): BatchReport {
  const report = reportOf('batch', ours);
  if (rounds.length === 0) return report;
  const peer = {
    name: 'spring-batch 5.2.3',
    throughput: Math.round(median(rounds.map(({ throughput }) => throughput))),
    cpuSecondsPerMillion: rounded(median(rounds.map(({ cpuSecondsPerMillion }) => cpuSecondsPerMillion))),
    peakMemoryMiB: Math.round(median(rounds.map(({ peakMemoryMiB }) => peakMemoryMiB))),
  };
  const ratio = {
    throughput: rounded(report.throughput / peer.throughput),
    cpuPerMillion: rounded(report.cpuSecondsPerMillion / peer.cpuSecondsPerMillion),
    memory: rounded(report.peakMemoryMiB / peer.peakMemoryMiB),
  };
  return { ...report, peer, ratio, equal: true };
}

/** What both bars are: half of the peer, and rows a second. */
export const batchBars = { ratio: 0.5, rowsPerSecond: 50_000 } as const;

export const meetsBatchBars = ({ throughput, ratio }: BatchReport): boolean =>
  throughput >= batchBars.rowsPerSecond && (ratio === undefined || ratio.throughput >= batchBars.ratio);

export const batchText = ({ peer, ratio }: BatchReport): string =>
  peer && ratio
    ? `  ${peer.name}: ${peer.throughput} rows/s, ${peer.cpuSecondsPerMillion} CPU s/million, ${peer.peakMemoryMiB} MiB\n` +
      `  ours ÷ it: throughput ${ratio.throughput}, CPU ${ratio.cpuPerMillion}, memory ${ratio.memory}; tables equal after every round`
    : '  alone, tables counted';
