import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { repositoryRoot } from '@vigil/stack';
import { circumstances, median } from '../bench-report.ts';
import { openBenchHome, vigil, type BenchHome } from '../measure/bench-home.ts';
import { measureAirflow, type AirflowFigures } from '../workflows/airflow.ts';
import { measureGraphileWorker } from '../workflows/graphile-worker.ts';

export const workflowPeers = ['graphile-worker', 'airflow'] as const;
export type WorkflowPeer = (typeof workflowPeers)[number];

interface RunFigures {
  readonly flowMs: { readonly flows: number; readonly median: number; readonly p99: number };
  readonly tasks: number;
  readonly tasksPerSecond: number;
  readonly cpuSecondsOfOrchestratorAndWorker: number;
  readonly atOnce: { readonly runs: number; readonly openTogether: number; readonly seconds: number };
  readonly deadWorkerToRequestedAgainMs: number;
}
interface Spread {
  readonly p50: number;
  readonly p99: number;
  readonly max: number;
}
interface ScheduleFigures {
  readonly schedules: number;
  readonly dueToRequestedMs: Spread;
  readonly dueToDispatchedMs: Spread;
  readonly recordToDispatchedMs: Spread;
}

export interface WorkflowsReport {
  readonly name: 'workflows';
  readonly rounds: readonly RunFigures[];
  readonly schedules: ScheduleFigures;
  readonly flowMedianMs: number;
  readonly tasksPerSecond: number;
  readonly peer?: { readonly name: WorkflowPeer } & (
    | { readonly jobsPerSecond: number; readonly ratioTasksPerSecond: number }
    | (AirflowFigures & { readonly ratioFlow: number })
  );
  readonly bars: readonly { readonly bar: string; readonly measured: string; readonly met: boolean }[];
}

/** Runs a measuring program; its last line is its answer. */
function measuring<Figures>(program: string, ...args: readonly number[]): Promise<Figures> {
  const child = spawn(process.execPath, [join(repositoryRoot, 'load-tests/workflows', program), ...args.map(String)], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: process.env,
  });
  let printed = '';
  child.stdout.on('data', (text: Buffer) => (printed += text.toString()));
  return new Promise((resolve, reject) =>
    child.on('error', reject).on('close', (code) => {
      if (code === 0) resolve(JSON.parse(printed.trim().split('\n').at(-1) ?? '') as Figures);
      else reject(new Error(`${program} ended with ${code}.`));
    }),
  );
}

const barsOf = ({ flowMedianMs, tasksPerSecond, schedules, rounds, peer }: Omit<WorkflowsReport, 'bars'>): WorkflowsReport['bars'] => {
  const worst = (pick: (round: RunFigures) => number): number => Math.max(...rounds.map(pick));
  const dead = worst(({ deadWorkerToRequestedAgainMs }) => deadWorkerToRequestedAgainMs);
  const atMost = (bar: string, value: number, most: number) => ({ bar, measured: `${Math.round(value)} ms`, met: value <= most });
  return [
    atMost('flow of 3 steps, median ≤ 100 ms', flowMedianMs, 100),
    { bar: 'durable tasks ≥ 500/s', measured: `${tasksPerSecond}/s`, met: tasksPerSecond >= 500 },
    atMost(`due → dispatched p99 ≤ 1.5 s, ${schedules.schedules} schedules`, schedules.dueToDispatchedMs.p99, 1500),
    atMost('record → dispatched, median ≤ 100 ms', schedules.recordToDispatchedMs.p50, 100),
    atMost('dead worker → handed out again ≤ 30 s', dead, 30_000),
    ...(peer !== undefined && 'ratioFlow' in peer
      ? [{ bar: 'flow ≥ 30 × Airflow', measured: `${peer.ratioFlow} ×`, met: peer.ratioFlow >= 30 }]
      : []),
  ];
};

async function measurePeer(
  home: BenchHome,
  peer: WorkflowPeer | undefined,
  own: { readonly flowMedianMs: number; readonly tasksPerSecond: number; readonly tasks: number },
): Promise<Pick<WorkflowsReport, 'peer'>> {
  if (peer === undefined) return {};
  if (peer === 'graphile-worker') {
    const jobsPerSecond = await measureGraphileWorker(home, own.tasks);
    const ratio = Math.round((own.tasksPerSecond / jobsPerSecond) * 100) / 100;
    return { peer: { name: peer, jobsPerSecond, ratioTasksPerSecond: ratio } };
  }
  const figures = await measureAirflow(home);
  return { peer: { name: peer, ...figures, ratioFlow: Math.round((figures.flowMedianMs / own.flowMedianMs) * 10) / 10 } };
}

/** On a stack of its own: rounds of runs, then schedules, then the peer on the same PostgreSQL server. */
export async function measureWorkflows(rounds: number, peer: WorkflowPeer | undefined): Promise<WorkflowsReport> {
  const home = await openBenchHome({ name: 'workflows', fleet: false });
  try {
    await vigil(['db', 'migrate']);
    const measured: RunFigures[] = [];
    for (let round = 0; round < rounds; round++) measured.push(await measuring<RunFigures>('run-bench.ts', 60, 6000, 1000));
    const schedules = await measuring<ScheduleFigures>('schedule-bench.ts', 1000, 50);
    const own = {
      flowMedianMs: median(measured.map(({ flowMs }) => flowMs.median)),
      tasksPerSecond: Math.round(median(measured.map(({ tasksPerSecond }) => tasksPerSecond))),
      tasks: measured[0]?.tasks ?? 0,
    };
    const report = {
      name: 'workflows' as const,
      ...circumstances(),
      rounds: measured,
      schedules,
      ...own,
      ...(await measurePeer(home, peer, own)),
    };
    return { ...report, bars: barsOf(report) };
  } finally {
    await home.close();
  }
}

export function workflowsText({ rounds, bars, peer }: WorkflowsReport): string {
  return [
    ...rounds.map(
      ({ flowMs, tasksPerSecond, atOnce }) =>
        `flow p50 ${Math.round(flowMs.median)} ms, p99 ${Math.round(flowMs.p99)} ms; ${tasksPerSecond} tasks/s; ${atOnce.runs} runs at once in ${atOnce.seconds.toFixed(1)} s`,
    ),
    ...bars.map(({ bar, measured, met }) => `${met ? 'met   ' : 'MISSED'}  ${bar.padEnd(52)} ${measured}`),
    ...(peer === undefined ? [] : [`peer: ${JSON.stringify(peer)}`]),
  ].join('\n');
}
