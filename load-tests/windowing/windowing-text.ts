import { reportText } from '../bench-report.ts';
import { peerReportText } from '../peers/peer-report.ts';
import type { GrowthFigures, LatencyFigures, MeasuredParts, RestartFigures, WindowingReport } from './windowing-report.ts';

const restartText = ({ keys, ours, peer, otherVariants }: RestartFigures): string[] => [
  `restart with ${keys} keys, start to first output: ours ${ours.ms} ms`,
  ...[peer, ...otherVariants].map(({ name, ms }) => `  ${name}: ${ms} ms`),
];

const latencyText = ({ ratePerSecond, ours, peer }: LatencyFigures): string[] => [
  `latency at ${ratePerSecond} readings/s`,
  ...[ours, peer].map(({ name, p50, p99, max }) => `  ${name}: p50 ${p50} ms, p99 ${p99} ms, max ${max} ms`),
];

function growthText({ keys, partitions, ours, peer }: GrowthFigures): string[] {
  const cost = ({ cpuSecondsPerMillion, throughput, complete }: GrowthFigures['keys'][number]['ours']): string =>
    `${cpuSecondsPerMillion} CPU s/million, ${throughput} records/s${complete ? '' : ' (not to the end)'}`;
  return [
    'growth',
    ...[...keys, ...partitions].map(
      (at) => `  ${at.keys} keys, ${at.partitions} partition(s): ours ${cost(at.ours)}; ${at.peer.name} ${cost(at.peer)}`,
    ),
    `  cost grew over keys: ours × ${ours.keys}, peer × ${peer.keys}; over partitions: ours × ${ours.partitions}, peer × ${peer.partitions}`,
  ];
}

export function windowingText({ throughput, restart, latency, growth }: MeasuredParts, { ratio, counts }: WindowingReport): string {
  return [
    ...(throughput ? [reportText(throughput), peerReportText(throughput)] : []),
    ...(restart ? restartText(restart) : []),
    ...(latency ? latencyText(latency) : []),
    ...(growth ? growthText(growth) : []),
    `ratios, ours ÷ peer: ${JSON.stringify(ratio)}${counts ? '' : '; too short for the peer to be warm: not to be told'}`,
  ].join('\n');
}
