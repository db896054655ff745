import { compileReader, topics, wireHeaderBytes, type WindowClosed } from '@vigil/contracts';
import type { Fetcher } from '@vigil/kafka';
import { setTimeout as pause } from 'node:timers/promises';
import { preload } from '../scenarios/preload.ts';
import { runProgram, type RunningProgram } from '../measure/drain-program.ts';
import { inputStartMs, stateReadings, triggerReadings, windowMs } from '../windows/accepted-readings.ts';
import { tableOf, type WindowTable } from '../windows/compare-windows.ts';
import { input, loadInput, openPlace, type Contender, type Place } from './contenders.ts';
import { requireEqual } from './throughput.ts';

export interface RestartRound {
  /** From the start of the new process to its first output that a read_committed consumer has, by contender. */
  readonly firstOutputMs: readonly number[];
  readonly windows: number;
}

export interface RestartShape {
  readonly keys: number;
  readonly partitions: number;
}

/** Longer than a session: that a crash must be noticed first is a setting, and no part of the figure. */
const sessionEndsMs = 8_000;
const longestMs = 300_000;
const vitals = 6;

/** Takes in a reading of every key, commits it, and is killed. */
async function crash(place: Place, contender: Contender, records: number): Promise<void> {
  process.stderr.write(`restart: ${contender.name} takes its state in\n`);
  const running = runProgram(place.home, await contender.prepare(place));
  try {
    if (!(await running.reach({ topic: input.name, records }, longestMs)))
      throw new Error(`${contender.name} did not take in ${records} records in ${longestMs / 1000} s; see ${running.program.logFile}.`);
    // The commit of the last records is known; what follows it in the background ends within a moment, or it does not.
    await pause(1_000);
  } finally {
    await running.stop('SIGKILL');
  }
}

async function openAtEnd({ home }: Place, topic: string): Promise<Fetcher> {
  const fetcher = await home.client.openFetcher();
  for (const [partition, end] of (await home.client.admin.stableOffsets(topic)).entries()) fetcher.assign({ topic, partition }, end);
  return fetcher;
}

const schema = topics.vitalsWindowClosed.schema;

interface Revived {
  readonly firstOutputMs: number;
  readonly windows: WindowTable;
}

/** Polls for the outputs of the trigger; `startedMs` is when the process was started. */
async function awaitOutputs(fetcher: Fetcher, running: RunningProgram, wanted: { startedMs: number; count: number }): Promise<Revived> {
  const read = compileReader<WindowClosed>(schema, schema);
  const windows: WindowClosed[] = [];
  let firstOutputMs: number | null = null;
  while (windows.length < wanted.count) {
    if (performance.now() - wanted.startedMs > longestMs)
      throw new Error(`${running.program.name} gave ${windows.length} of ${wanted.count} windows in ${longestMs / 1000} s.`);
    const batches = await fetcher.poll(100);
    if (batches.some(({ records }) => records.length > 0)) firstOutputMs ??= performance.now() - wanted.startedMs;
    for (const { records } of batches) for (const { value } of records) if (value) windows.push(read(value, wireHeaderBytes));
  }
  return { firstOutputMs: firstOutputMs ?? Number.NaN, windows: tableOf(windows, inputStartMs + windowMs) };
}

async function revive(place: Place, contender: Contender): Promise<Revived> {
  process.stderr.write(`restart: ${contender.name} comes back\n`);
  const fetcher = await openAtEnd(place, contender.outputTopic);
  const program = contender.revive(place);
  const startedMs = performance.now();
  const running = runProgram(place.home, program);
  try {
    return await awaitOutputs(fetcher, running, { startedMs, count: place.partitions * vitals });
  } finally {
    await running.stop('SIGTERM');
    await fetcher.close();
  }
}

/**
 * Every program takes in a reading of each key, is killed, loses its local disk and is started again. While all are dead one
 * reading a partition is written that makes the window of one patient final: the same few outputs of every program,
 * compared value by value.
 */
export async function restartRound(contenders: readonly Contender[], { keys, partitions }: RestartShape): Promise<RestartRound> {
  const place = await openPlace('windowing-restart', partitions);
  const shape = { patients: keys, partitions };
  try {
    const records = await loadInput(place, ['state', shape, place.inputId], () => stateReadings(shape, place.inputId));
    for (const contender of contenders) await crash(place, contender, records);
    await preload(place.home.client, triggerReadings(shape, place.inputId));
    await pause(sessionEndsMs);
    const revived: Revived[] = [];
    for (const contender of contenders) revived.push(await revive(place, contender));
    const [first, ...others] = revived as [Revived, ...Revived[]];
    for (const [index, { windows }] of others.entries()) requireEqual(first.windows, windows, contenders[index + 1]?.name ?? '');
    return { firstOutputMs: revived.map(({ firstOutputMs }) => Math.round(firstOutputMs)), windows: first.windows.size };
  } finally {
    await place.home.close();
  }
}
