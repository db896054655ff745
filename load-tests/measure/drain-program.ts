import { classifyError } from '@vigil/core';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import type { Round } from '../bench-report.ts';
import type { BenchHome } from './bench-home.ts';
import { processUsage, type ProcessUsage } from './process-usage.ts';

/** A program under test: ours or a peer's, started and watched in the same way. */
export interface TestedProgram {
  readonly name: string;
  readonly program: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly cwd: string;
  /** Consumer group whose committed positions say how far it is. */
  readonly group: string;
  readonly logFile: string;
}

interface Sample {
  readonly atMs: number;
  readonly committed: number;
  readonly usage: ProcessUsage;
}

const sampleMs = 20;
const longestMs = 600_000;

/** Records whose results are committed; none while the group does not exist yet. */
export async function committedRecords({ client }: BenchHome, group: string, topic: string): Promise<number> {
  try {
    return (await client.admin.committed(group, [topic])).reduce((sum, { offset }) => sum + Math.max(0, offset ?? 0), 0);
  } catch (error) {
    if (classifyError(error).code !== 'KAFKA_AWAY') throw error;
    return 0;
  }
}

/** Starts a program on core 1, where it is alone; the broker is on core 0. */
export function startProgram({ program, args, env, cwd, logFile }: TestedProgram) {
  const log = openSync(logFile, 'a');
  try {
    return spawn('taskset', ['-c', '1', program, ...args], { env, cwd, stdio: ['ignore', log, log] });
  } finally {
    closeSync(log);
  }
}

/** What was done between the first and the last commit: start-up is in no program's figure, nor are the records of its first commit. */
export function roundOfSamples(samples: readonly Sample[]): Round {
  const first = samples.find(({ committed }) => committed > 0);
  const last = samples.at(-1);
  if (!first || !last || last.committed === first.committed)
    throw new Error('All records were in the first commit: take more --records for a figure.');
  const records = last.committed - first.committed;
  const seconds = (last.atMs - first.atMs) / 1000;
  return {
    records,
    seconds,
    throughput: records / seconds,
    cpuSecondsPerMillion: ((last.usage.cpuSeconds - first.usage.cpuSeconds) / records) * 1_000_000,
    peakMemoryMiB: last.usage.peakMemoryMiB,
  };
}

/** A program that runs, and what was seen of it. */
export interface RunningProgram {
  readonly program: TestedProgram;
  readonly samples: readonly Sample[];
  /**
   * Waits until the group committed so many records.
   * @returns false when the time was up before
   * @throws when the program ended by itself
   */
  reach(input: DrainedInput, withinMs?: number): Promise<boolean>;
  /** SIGTERM lets it end in order, SIGKILL is the crash. */
  stop(signal: 'SIGTERM' | 'SIGKILL'): Promise<void>;
}

export interface DrainedInput {
  readonly topic: string;
  readonly records: number;
}

export function runProgram(home: BenchHome, program: TestedProgram): RunningProgram {
  const child = startProgram(program);
  const exited = once(child, 'exit');
  const samples: Sample[] = [];
  const requireAlive = (): void => {
    if (child.exitCode !== null || child.signalCode !== null) throw new Error(`${program.name} ended by itself; see ${program.logFile}.`);
  };
  const sample = async (topic: string): Promise<number> => {
    const committed = await committedRecords(home, program.group, topic);
    requireAlive();
    samples.push({ atMs: performance.now(), committed, usage: processUsage(child.pid ?? 0) });
    return committed;
  };
  return {
    program,
    samples,
    async reach({ topic, records }, withinMs = longestMs) {
      const until = Date.now() + withinMs;
      for (;;) {
        if ((await sample(topic)) >= records) return true;
        if (Date.now() > until) return false;
        await pause(sampleMs);
      }
    },
    async stop(signal) {
      child.kill(signal);
      await exited;
    },
  };
}

/** @throws when the topic does not hold every record any more: what retention deleted would be counted as read */
export async function requireHeld(home: BenchHome, { topic, records }: DrainedInput): Promise<void> {
  const held = await heldRecords(home, topic);
  if (held !== records) throw new Error(`${topic} holds ${held} of ${records} records after the run: the figures would not count.`);
}

/**
 * Lets a program read a topic to its end and stops it.
 *
 * @throws when it ends by itself or does not reach the end, and when the topic lost records meanwhile
 */
export async function drainProgram(home: BenchHome, program: TestedProgram, input: DrainedInput): Promise<Round> {
  const running = runProgram(home, program);
  try {
    if (!(await running.reach(input))) throw new Error(`${program.name} did not reach ${input.records} records; see ${program.logFile}.`);
  } finally {
    await running.stop('SIGTERM');
  }
  await requireHeld(home, input);
  return roundOfSamples(running.samples);
}

async function heldRecords({ client }: BenchHome, topic: string): Promise<number> {
  const sum = (offsets: readonly number[]): number => offsets.reduce((total, offset) => total + offset, 0);
  return sum(await client.admin.stableOffsets(topic)) - sum(await client.admin.startOffsets(topic));
}
