import { classifyError } from '@vigil/core';
import type { CommittedPosition } from '@vigil/kafka';
import { fleetParts, selectParts } from '@vigil/stack';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Round } from '../bench-report.ts';
import { openBenchHome, type BenchHome } from './bench-home.ts';
import { processUsage, type ProcessUsage } from './process-usage.ts';
import { readLedger } from './read-ledger.ts';

/** Folder for V8 CPU profiles of the program under test: `VIGIL_BENCH_PROFILE=DIR npm run bench -- ingest`. */
const profileDir = process.env['VIGIL_BENCH_PROFILE'];
const profiling = profileDir ? ['--cpu-prof', `--cpu-prof-dir=${profileDir}`] : [];

export interface Drain {
  /** Service and consumer group. */
  readonly service: string;
  readonly topic: string;
  /** Fills the topic; answers how many records it wrote. */
  readonly preload: (home: BenchHome) => Promise<number>;
  /** Looks at what the service left behind, before the stack is taken away. */
  readonly afterDrain?: (home: BenchHome) => Promise<void>;
}

const sampleMs = 50;
const longestMs = 300_000;

/** Where the group stands; nowhere while the new broker still prepares its coordinator. */
async function positionsOf({ client }: BenchHome, { service, topic }: Drain): Promise<readonly CommittedPosition[]> {
  try {
    return await client.admin.committed(service, [topic]);
  } catch (error) {
    if (classifyError(error).code !== 'KAFKA_AWAY') throw error;
    return [];
  }
}

/** Group position against the end of the topic: true once every partition is read to its end. */
async function isDrained(home: BenchHome, drain: Drain): Promise<boolean> {
  const ends = await home.client.admin.stableOffsets(drain.topic);
  const committed = await positionsOf(home, drain);
  return ends.every((end, partition) => (committed.find((position) => position.partition === partition)?.offset ?? 0) >= end);
}

/**
 * One service on core 1 drains a preloaded topic, the broker on core 0.
 *
 * Rate and time count from the first to the last commit of the ledger, without the records of the first; so neither
 * start-up nor the last wait is in the figure. CPU counts over the same time.
 */
export async function measureDrain(drain: Drain): Promise<Round> {
  const home = await openBenchHome({ name: drain.service, fleet: false });
  try {
    const preloaded = await drain.preload(home);
    const [part] = fleetParts(selectParts([drain.service]), home.paths);
    if (!part) throw new Error(`No part ${drain.service}.`);
    const child = spawn('taskset', ['-c', '1', part.program, ...profiling, ...part.args], {
      env: part.env,
      cwd: part.cwd,
      stdio: ['ignore', 'ignore', 'inherit'],
    });
    const exited = once(child, 'exit');
    const samples: { readonly atMs: number; readonly usage: ProcessUsage }[] = [];
    try {
      const until = Date.now() + longestMs;
      let looked = 0;
      for (let drained = false; !drained;) {
        if (child.exitCode !== null || Date.now() > until) throw new Error(`${drain.service} ended or did not drain ${drain.topic}.`);
        samples.push({ atMs: Date.now(), usage: processUsage(child.pid ?? 0) });
        await sleep(sampleMs);
        // Asking costs the program under test nothing, but the broker: every half second is enough.
        if (Date.now() - looked < 500) continue;
        looked = Date.now();
        drained = await isDrained(home, drain);
      }
    } finally {
      child.kill('SIGTERM');
      await exited;
    }
    await drain.afterDrain?.(home);
    return await roundOf(home, { ...drain, preloaded, samples });
  } finally {
    await home.close();
  }
}

interface Drained extends Drain {
  readonly preloaded: number;
  readonly samples: readonly { readonly atMs: number; readonly usage: ProcessUsage }[];
}

async function roundOf(home: BenchHome, { service, topic, preloaded, samples }: Drained): Promise<Round> {
  const rows = (await readLedger(home.client, service)).filter((row) => row.topic === topic && row.consumed > 0);
  const [first, last] = [rows[0], rows.at(-1)];
  if (!first || !last) throw new Error(`The ledger has no row of ${service} for ${topic}.`);
  const consumed = rows.reduce((sum, row) => sum + row.consumed, 0);
  if (consumed !== preloaded) throw new Error(`${preloaded} records were written and ${consumed} consumed: the figures would not count.`);
  const records = consumed - first.consumed;
  const seconds = (last.committedAt - first.committedAt) / 1000;
  const usageAt = (atMs: number): ProcessUsage =>
    (samples.find((sample) => sample.atMs >= atMs) ?? samples.at(-1))?.usage ?? { cpuSeconds: 0, peakMemoryMiB: 0 };
  const cpuSeconds = usageAt(last.committedAt).cpuSeconds - usageAt(first.committedAt).cpuSeconds;
  return {
    records,
    seconds,
    throughput: records / seconds,
    cpuSecondsPerMillion: (cpuSeconds / records) * 1_000_000,
    peakMemoryMiB: samples.at(-1)?.usage.peakMemoryMiB ?? 0,
  };
}
