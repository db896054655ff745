import { circumstances, median, type Latency } from '../bench-report.ts';
import type { PeerReport } from '../peers/peer-report.ts';
import type { GrowthFigure, GrowthPoint } from './growth.ts';
import type { LatencyRound, LatencyShape } from './latency.ts';
import type { RestartRound } from './restart.ts';

interface Timed {
  readonly name: string;
  readonly rounds: readonly number[];
  readonly ms: number;
}

export interface RestartFigures {
  readonly keys: number;
  readonly definition: string;
  readonly ours: Timed;
  /** The fastest of the peer's variants. */
  readonly peer: Timed;
  readonly otherVariants: readonly Timed[];
}

interface Paced extends Latency {
  readonly name: string;
  readonly rounds: readonly LatencyRound[];
}

export interface LatencyFigures {
  readonly ratePerSecond: number;
  readonly seconds: number;
  readonly definition: string;
  readonly ours: Paced;
  readonly peer: Paced;
}

interface GrowthAt extends GrowthPoint {
  readonly ours: GrowthFigure;
  /** The cheapest of the peer's variants that came to the end. */
  readonly peer: GrowthFigure & { readonly name: string };
}

/** CPU per record at the last point ÷ at the first. */
interface Grown {
  readonly keys: number;
  readonly partitions: number;
}

export interface GrowthFigures {
  readonly definition: string;
  readonly keys: readonly GrowthAt[];
  readonly partitions: readonly GrowthAt[];
  readonly ours: Grown;
  readonly peer: Grown;
}

const rounded = (value: number): number => Number(value.toFixed(3));

export function restartOf(names: readonly string[], keys: number, rounds: readonly RestartRound[]): RestartFigures {
  const timed = names.map((name, index): Timed => {
    const values = rounds.map(({ firstOutputMs }) => firstOutputMs[index] as number);
    return { name, rounds: values, ms: median(values) };
  });
  const [ours, ...peers] = timed as [Timed, ...Timed[]];
  const [peer, ...otherVariants] = peers.toSorted((a, b) => a.ms - b.ms) as [Timed, ...Timed[]];
  const definition =
    'SIGKILL with a window of every key open; the session of the dead process has ended; local disk lost (Flink keeps its checkpoints); from the start of the new process to the first window that a read_committed consumer has.';
  return { keys, definition, ours, peer, otherVariants };
}

const pacedOf = (name: string, rounds: readonly LatencyRound[]): Paced => {
  const medianOf = (pick: (latency: Latency) => number): number => median(rounds.map(({ latencyMs }) => pick(latencyMs)));
  return { name, p50: medianOf(({ p50 }) => p50), p99: medianOf(({ p99 }) => p99), max: medianOf(({ max }) => max), rounds };
};

/** @param rounds  of each round the figures by contender, ours first */
export function latencyFiguresOf(
  names: readonly [string, string],
  { rate, seconds }: LatencyShape,
  rounds: readonly (readonly LatencyRound[])[],
): LatencyFigures {
  const of = (index: 0 | 1): Paced =>
    pacedOf(
      names[index],
      rounds.flatMap((round) => round[index] ?? []),
    );
  const definition =
    'From handing the reading to the producer that makes a window final to a read_committed consumer having that window. Final by the clock of the engine: the patient’s own reading past end + 70 s (ours), the first past end + 60 s of its partition (Kafka Streams), of the last partition (Flink).';
  return { ratePerSecond: rate, seconds, definition, ours: of(0), peer: of(1) };
}

export interface MeasuredPoint {
  readonly point: GrowthPoint;
  readonly names: readonly string[];
  /** In the order of the names, ours first. */
  readonly figures: readonly GrowthFigure[];
}

function growthAt({ point, names, figures }: MeasuredPoint): GrowthAt {
  const [ours, ...peers] = figures as [GrowthFigure, ...GrowthFigure[]];
  const named = peers.map((figure, index) => ({ name: names[index + 1] as string, ...figure }));
  const cheapest = named.toSorted((a, b) => Number(b.complete) - Number(a.complete) || a.cpuSecondsPerMillion - b.cpuSecondsPerMillion);
  return { ...point, ours, peer: cheapest[0] as GrowthAt['peer'] };
}

const grown = (points: readonly GrowthAt[], side: 'ours' | 'peer'): number => {
  const [first, last] = [points[0], points.at(-1)];
  return first && last ? rounded(last[side].cpuSecondsPerMillion / first[side].cpuSecondsPerMillion) : Number.NaN;
};

export function growthOf(keys: readonly MeasuredPoint[], partitions: readonly MeasuredPoint[]): GrowthFigures {
  const [byKeys, byPartitions] = [keys.map(growthAt), partitions.map(growthAt)];
  const sideOf = (side: 'ours' | 'peer'): Grown => ({ keys: grown(byKeys, side), partitions: grown(byPartitions, side) });
  const definition = 'CPU seconds per million readings at the last number ÷ at the first, readings alone, no start and no flush.';
  return { definition, keys: byKeys, partitions: byPartitions, ours: sideOf('ours'), peer: sideOf('peer') };
}

export interface MeasuredParts {
  readonly records: number;
  readonly throughput?: PeerReport;
  readonly restart?: RestartFigures;
  readonly latency?: LatencyFigures;
  readonly growth?: GrowthFigures;
}

/** Fewer records are over before a Java program is warm: such ratios are not to be told. */
const warmRecords = 2_000_000;

/** `bench -- windowing --peer P --report FILE`: what was measured of it; ratios are ours ÷ the peer's. */
export type WindowingReport = ReturnType<typeof windowingReportOf>;

export function windowingReportOf({ records, throughput, restart, latency, growth }: MeasuredParts) {
  const ratio = {
    ...throughput?.ratio,
    ...(restart && { restart: rounded(restart.ours.ms / restart.peer.ms) }),
    ...(latency && { p99: rounded(latency.ours.p99 / latency.peer.p99) }),
    ...(growth && {
      growth: { keys: rounded(growth.ours.keys / growth.peer.keys), partitions: rounded(growth.ours.partitions / growth.peer.partitions) },
    }),
  };
  const latencyMs = latency && { p50: latency.ours.p50, p99: latency.ours.p99, max: latency.ours.max };
  const parts = { ...(restart && { restart }), ...(latency && { latency }), ...(growth && { growth }) };
  const isWarm = records >= warmRecords && (throughput === undefined || throughput.rounds.length >= 2);
  return {
    ...(throughput ?? { name: 'windowing', ...circumstances(), records, equal: true }),
    ...(latencyMs && { latencyMs }),
    ratio,
    /** Whether the peer was warm and measured more than once. */
    counts: isWarm,
    ...parts,
  };
}
