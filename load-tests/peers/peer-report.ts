import { median, reportOf, type BenchReport, type Round } from '../bench-report.ts';

export interface PeerVariant {
  readonly store: string;
  readonly rounds: readonly Round[];
}

export interface PeerFigures {
  readonly name: string;
  readonly store: string;
  readonly throughput: number;
  readonly cpuSecondsPerMillion: number;
  readonly peakMemoryMiB: number;
  readonly rounds: readonly Round[];
}

/** `bench -- windowing --peer P --report FILE`; ratios are ours ÷ the peer's, of medians. */
export interface PeerReport extends BenchReport {
  /** The faster of the peer's variants. */
  readonly peer: PeerFigures;
  /** Its other ways of keeping state. */
  readonly otherVariants: readonly PeerFigures[];
  readonly ratio: { readonly throughput: number; readonly cpuPerMillion: number; readonly memory: number };
  readonly equal: boolean;
  readonly windows: number;
}

const figuresOf = (name: string, { store, rounds }: PeerVariant): PeerFigures => ({
  name,
  store,
  throughput: median(rounds.map(({ throughput }) => throughput)),
  cpuSecondsPerMillion: median(rounds.map(({ cpuSecondsPerMillion }) => cpuSecondsPerMillion)),
  peakMemoryMiB: median(rounds.map(({ peakMemoryMiB }) => peakMemoryMiB)),
  rounds,
});

export interface Measured {
  readonly ours: readonly Round[];
  readonly peerName: string;
  readonly variants: readonly PeerVariant[];
  readonly windows: number;
}

const rounded = (value: number): number => Number(value.toFixed(3));

/** Only what was found equal gets here: a difference ends the measurement. */
export function peerReportOf(name: string, { ours, peerName, variants, windows }: Measured): PeerReport {
  const report = reportOf(name, ours);
  const figures = variants.map((variant) => figuresOf(peerName, variant)).toSorted((a, b) => b.throughput - a.throughput);
  const [peer, ...otherVariants] = figures;
  if (!peer) throw new Error(`No variant of ${peerName} was measured.`);
  return {
    ...report,
    peer,
    otherVariants,
    ratio: {
      throughput: rounded(report.throughput / peer.throughput),
      cpuPerMillion: rounded(report.cpuSecondsPerMillion / peer.cpuSecondsPerMillion),
      memory: rounded(report.peakMemoryMiB / peer.peakMemoryMiB),
    },
    equal: true,
    windows,
  };
}

export const peerReportText = ({ peer, otherVariants, ratio, windows }: PeerReport): string =>
  [
    ...[peer, ...otherVariants].map(
      ({ name, store, throughput, cpuSecondsPerMillion, peakMemoryMiB }) =>
        `  ${name} (${store}): ${Math.round(throughput)} records/s, ${cpuSecondsPerMillion.toFixed(2)} CPU s/million, ${Math.round(peakMemoryMiB)} MiB`,
    ),
    `  ours ÷ ${peer.name} (${peer.store}): throughput ${ratio.throughput}, CPU ${ratio.cpuPerMillion}, memory ${ratio.memory}; ${windows} outputs equal`,
  ].join('\n');
