import { stackPaths } from '@vigil/stack';
import { buildPeer, storesOf, type PeerName } from '../peers/peer-programs.ts';
import { peerReportOf, type PeerReport } from '../peers/peer-report.ts';
import { ours, peerContender, type Contender } from '../windowing/contenders.ts';
import { growthRound, type GrowthPoint } from '../windowing/growth.ts';
import { latencyRound } from '../windowing/latency.ts';
import { restartRound } from '../windowing/restart.ts';
import { throughputRound } from '../windowing/throughput.ts';
import {
  growthOf,
  latencyFiguresOf,
  restartOf,
  type GrowthFigures,
  type LatencyFigures,
  type MeasuredParts,
  type MeasuredPoint,
  type RestartFigures,
} from '../windowing/windowing-report.ts';

export const windowingParts = ['throughput', 'restart', 'latency', 'growth'] as const;
export type WindowingPart = (typeof windowingParts)[number];

export interface WindowingOptions {
  readonly parts: readonly WindowingPart[];
  readonly records: number;
  readonly rounds: number;
  readonly patients: number;
  /** Keys of state at a crash, and the most of `growth`. */
  readonly restartKeys: number;
  /** Readings a second of `latency`, and for how long. */
  readonly rate: number;
  readonly seconds: number;
}

const partitions = 4;

type ContendersOf = (patients: number, stores: readonly string[]) => Contender[];

async function repeated<Result>(rounds: number, round: (index: number) => Promise<Result>): Promise<Result[]> {
  const results: Result[] = [];
  for (let index = 0; index < rounds; index++) results.push(await round(index));
  return results;
}

async function measureThroughput(peerName: PeerName, peers: ContendersOf, options: WindowingOptions): Promise<PeerReport> {
  const { records, patients, rounds } = options;
  const stores = storesOf[peerName];
  const contenders = peers(patients, stores);
  const results = await repeated(rounds, (index) =>
    throughputRound(contenders, { records, patients, partitions }, { oursFirst: index % 2 === 0 }),
  );
  return peerReportOf('windowing', {
    ours: results.map((result) => result.ours),
    peerName,
    variants: stores.map((store, index) => ({ store, rounds: results.flatMap((result) => result.peers[index] ?? []) })),
    windows: results[0]?.windows ?? 0,
  });
}

/** The other parts take longer for a round and vary less: half as many, and the last a fifth. */
const halfOf = ({ rounds }: WindowingOptions): number => Math.ceil(rounds / 2);

async function measureRestart(peerName: PeerName, peers: ContendersOf, options: WindowingOptions): Promise<RestartFigures> {
  const keys = options.restartKeys;
  const contenders = [ours, ...peers(keys, storesOf[peerName])];
  const rounds = await repeated(halfOf(options), () => restartRound(contenders, { keys, partitions }));
  return restartOf(
    contenders.map(({ name }) => name),
    keys,
    rounds,
  );
}

async function measureLatency(better: string, peers: ContendersOf, options: WindowingOptions): Promise<LatencyFigures> {
  const { rate, seconds } = options;
  const shape = { rate, seconds, partitions };
  const [peer] = peers(rate, [better]) as [Contender];
  const rounds = await repeated(halfOf(options), () => latencyRound([ours, peer], shape));
  return latencyFiguresOf([ours.name, peer.name], shape, rounds);
}

/** With more keys than this a store may win that does not with a few: all of the peer's are measured. */
const manyKeys = 100_000;

async function measurePoint(peerName: PeerName, better: string, peers: ContendersOf, point: GrowthPoint): Promise<MeasuredPoint> {
  const contenders = [ours, ...peers(point.keys, point.keys > manyKeys ? storesOf[peerName] : [better])];
  return { point, names: contenders.map(({ name }) => name), figures: await growthRound(contenders, point) };
}

async function measureGrowth(peerName: PeerName, better: string, peers: ContendersOf, options: WindowingOptions): Promise<GrowthFigures> {
  const { records, patients, restartKeys } = options;
  const measure = async (points: readonly GrowthPoint[]): Promise<MeasuredPoint[]> => {
    const measured: MeasuredPoint[] = [];
    for (const point of points) measured.push(await measurePoint(peerName, better, peers, point));
    return measured;
  };
  const keys = await measure([1_000, 30_000, restartKeys].map((count) => ({ keys: count, partitions, records })));
  return growthOf(keys, await measure([1, 8].map((count) => ({ keys: patients, partitions: count, records }))));
}

/** Windowing of the same input by vitals-windowing and by a peer; refuses to answer when their windows differ. */
export async function compareWindowing(peerName: PeerName, options: WindowingOptions): Promise<MeasuredParts> {
  const built = await buildPeer(peerName, stackPaths());
  const peers: ContendersOf = (patients, stores) => stores.map((store) => peerContender(built, store, patients));
  const wants = (part: WindowingPart): boolean => options.parts.includes(part);
  const throughput = wants('throughput') ? await measureThroughput(peerName, peers, options) : undefined;
  const better = throughput?.peer.store ?? storesOf[peerName][0];
  const restart = wants('restart') ? await measureRestart(peerName, peers, options) : undefined;
  const latency = wants('latency') ? await measureLatency(better, peers, options) : undefined;
  const growth = wants('growth') ? await measureGrowth(peerName, better, peers, options) : undefined;
  return {
    records: options.records,
    ...(throughput && { throughput }),
    ...(restart && { restart }),
    ...(latency && { latency }),
    ...(growth && { growth }),
  };
}
