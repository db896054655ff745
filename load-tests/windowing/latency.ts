import { latencyOf, type Latency } from '../bench-report.ts';
import { runProgram, type RunningProgram } from '../measure/drain-program.ts';
import { preload } from '../scenarios/preload.ts';
import { openReadings, tokenOfPatient, type InputShape } from '../windows/accepted-readings.ts';
import { cachedInput } from '../windows/cached-input.ts';
import type { WindowTable } from '../windows/compare-windows.ts';
import { collectWindows, type ArrivedWindows } from './arrived-windows.ts';
import { input, openPlace, type Contender, type Place } from './contenders.ts';
import { sendPaced } from './send-paced.ts';
import { requireEqual } from './throughput.ts';
import { closingsOf, triggeredAtMs, type Closing, type Paced } from './window-trigger.ts';

export interface LatencyShape {
  /** Readings a second; as many patients, so that each has one a second. */
  readonly rate: number;
  readonly seconds: number;
  readonly partitions: number;
}

export interface LatencyRound {
  readonly latencyMs: Latency;
  /** Windows that it is of. */
  readonly windows: number;
  /** Readings a second that the broker really acknowledged. */
  readonly pacedRate: number;
}

/** Event time runs thirty times as fast as the clock, so that windows of five minutes close every ten seconds. */
const stepMs = 30_000;
/** Passes that lie in the topic before: programs are warm, and windows are under way, when the paced ones begin. */
const warmPasses = 40;
/** Paced passes before the first that counts. */
const settlingPasses = 5;
const longestWaitMs = 60_000;

interface Ran {
  readonly round: LatencyRound;
  readonly windows: WindowTable;
}

function latencyRoundOf(contender: Contender, closings: readonly Closing[], arrived: ArrivedWindows, paced: Paced): LatencyRound {
  const latencies: number[] = [];
  const patientOf = new Map(Array.from({ length: paced.patients }, (_, patient) => [tokenOfPatient(patient), patient]));
  const closingOf = new Map(closings.map((closing) => [closing.windowStart, closing]));
  for (const [{ patientToken, windowStart }, atMs] of arrived.atMs) {
    const closing = closingOf.get(windowStart);
    if (closing) latencies.push(atMs - triggeredAtMs(contender.clock, closing, paced, patientOf.get(patientToken) ?? Number.NaN));
  }
  return { latencyMs: latencyOf(latencies), windows: latencies.length, pacedRate: Math.round(paced.rate) };
}

async function paceAndCollect(place: Place, contender: Contender, { rate, seconds, partitions }: LatencyShape): Promise<Ran> {
  const passes = warmPasses + seconds;
  const shape: InputShape = { records: passes * rate, patients: rate, partitions, stepMs };
  const name = JSON.stringify(['open', shape, place.inputId]);
  const records = Array.from(cachedInput({ name, make: () => openReadings(shape, place.inputId) }), (record) => ({
    ...record,
    value: Buffer.from(record.value as Buffer),
  }));
  await preload(place.home.client, records.slice(0, warmPasses * rate));
  const running: RunningProgram = runProgram(place.home, await contender.prepare(place));
  try {
    if (!(await running.reach({ topic: input.name, records: warmPasses * rate })))
      throw new Error(`${contender.name} did not take in the readings before; see ${running.program.logFile}.`);
    const closings = closingsOf(contender, { stepMs, fromPass: warmPasses + settlingPasses, passes });
    const collected = await collectWindows(place.home.client, contender.outputTopic, {
      starts: closings.map(({ windowStart }) => windowStart),
      count: closings.length * rate * 6,
      longestWaitMs,
      meanwhile: () => sendPaced(place.home.client, records.slice(warmPasses * rate), rate),
    });
    const paced = { ...collected.meanwhile, patients: rate, partitions, firstPass: warmPasses };
    return { round: latencyRoundOf(contender, closings, collected.arrived, paced), windows: collected.arrived.table };
  } finally {
    await running.stop('SIGKILL');
  }
}

/**
 * Readings at a steady rate; how long after the reading that makes it final a read_committed consumer has a window. Each
 * engine by its own clock, and each with a stack of its own; windows compared value by value.
 */
export async function latencyRound(contenders: readonly Contender[], shape: LatencyShape): Promise<LatencyRound[]> {
  const ran: Ran[] = [];
  for (const contender of contenders) {
    process.stderr.write(`latency: ${contender.name}\n`);
    const place = await openPlace('windowing-latency', shape.partitions);
    try {
      ran.push(await paceAndCollect(place, contender, shape));
    } finally {
      await place.home.close();
    }
  }
  const [first, ...others] = ran as [Ran, ...Ran[]];
  for (const [index, { windows }] of others.entries()) requireEqual(first.windows, windows, contenders[index + 1]?.name ?? '');
  return ran.map(({ round }) => round);
}
