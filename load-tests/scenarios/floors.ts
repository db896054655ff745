import { reportOf } from '../bench-report.ts';
import { benchAlerts } from './alerts.ts';
import { benchDatabase } from './database.ts';
import { benchIngest } from './ingest.ts';
import { benchWindowing } from './windowing.ts';

/** A floor that the customer set, beside what was measured here. */
export interface Floor {
  readonly floor: string;
  readonly measured: string;
  readonly met: boolean;
  /** The command that gives the figure alone. */
  readonly command: string;
}

const rate = (value: number): string => `${Math.round(value).toLocaleString('en-US')}/s`;

/** The floors of this part of the system. Those of parts that do not exist yet are not listed. */
export async function measureFloors(records: number): Promise<Floor[]> {
  const ingest = reportOf('ingest', [await benchIngest(records)]);
  const windowing = reportOf('windowing', [await benchWindowing(records)]);
  const alerts = reportOf('alerts', [await benchAlerts({ messagesPerSecond: 1_000, seconds: 30, deteriorating: 20 })]);
  const transactions = await benchDatabase(20_000);
  const p99 = alerts.latencyMs?.p99 ?? Number.POSITIVE_INFINITY;
  return [
    {
      floor: '10,000 messages/s: device-ingest on one core',
      measured: rate(ingest.throughput),
      met: ingest.throughput >= 10_000,
      command: 'npm run bench -- ingest',
    },
    {
      floor: '10,000 messages/s: vitals-windowing on one core',
      measured: rate(windowing.throughput),
      met: windowing.throughput >= 10_000,
      command: 'npm run bench -- windowing',
    },
    { floor: 'alert end to end < 30 s', measured: `p99 ${p99} ms`, met: p99 < 30_000, command: 'npm run bench -- alerts' },
    {
      floor: '1,000 database transactions/s',
      measured: rate(transactions),
      met: transactions >= 1_000,
      command: 'npm run bench -- floors',
    },
  ];
}

export const floorsText = (floors: readonly Floor[]): string =>
  floors
    .map(({ floor, measured, met, command }) => `${met ? 'met    ' : 'NOT MET'}  ${floor.padEnd(48)} ${measured.padEnd(16)} ${command}`)
    .join('\n');
