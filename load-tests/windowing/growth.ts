import type { Round } from '../bench-report.ts';
import { requireHeld, roundOfSamples, runProgram } from '../measure/drain-program.ts';
import { preload } from '../scenarios/preload.ts';
import { flushReadings, flushWindowStart, openReadings, tokenOfPatient, type InputShape } from '../windows/accepted-readings.ts';
import type { WindowTable } from '../windows/compare-windows.ts';
import { readWindows } from '../windows/read-windows.ts';
import { input, loadInput, openPlace, type Contender } from './contenders.ts';
import { requireEqual } from './throughput.ts';

/** What it costs at one number of keys and partitions. */
export interface GrowthFigure {
  readonly throughput: number;
  readonly cpuSecondsPerMillion: number;
  readonly peakMemoryMiB: number;
  /** False = the time was up before: the figure is of the records until then, and no output was compared. */
  readonly complete: boolean;
}

/** A program may take so long for one figure, and so long again until its last windows are out. */
const longestMs = 120_000;
/** So many patients are flushed and compared window by window: of a million all would be an hour's reading. */
const comparedPatients = 2_000;

interface Ran {
  readonly figure: GrowthFigure;
  readonly windows: WindowTable | null;
}

const figureOf = ({ throughput, cpuSecondsPerMillion, peakMemoryMiB }: Round, complete: boolean): GrowthFigure => ({
  throughput: Math.round(throughput),
  cpuSecondsPerMillion: Number(cpuSecondsPerMillion.toFixed(3)),
  peakMemoryMiB: Math.round(peakMemoryMiB),
  complete,
});

/** The figure is of the readings alone; then a flush of some patients shows that their state was right. */
async function run(contender: Contender, shape: InputShape): Promise<Ran> {
  process.stderr.write(`growth: ${contender.name} at ${shape.patients} keys in ${shape.partitions} partition(s)\n`);
  const place = await openPlace('windowing-growth', shape.partitions);
  const { home, inputId } = place;
  const flushed = Math.min(shape.patients, comparedPatients);
  try {
    await loadInput(place, ['open', shape, inputId], () => openReadings(shape, inputId));
    const running = runProgram(home, await contender.prepare(place));
    try {
      const complete = await running.reach({ topic: input.name, records: shape.records }, longestMs);
      const figure = figureOf(roundOfSamples(running.samples), complete);
      if (!complete) return { figure, windows: null };
      await preload(home.client, flushReadings(shape, inputId, flushed));
      const all = { topic: input.name, records: shape.records + flushed };
      await requireHeld(home, all);
      if (!(await running.reach(all, longestMs))) return { figure: { ...figure, complete: false }, windows: null };
      const patients = new Set(Array.from({ length: flushed }, (_, patient) => tokenOfPatient(patient)));
      const count = windowsOf(shape, flushed);
      return {
        figure,
        windows: await readWindows(home.client, { topic: contender.outputTopic, before: flushWindowStart(shape), count, patients }),
      };
    } finally {
      await running.stop('SIGKILL');
    }
  } finally {
    await home.close();
  }
}

/** Windows of the first patients: every one of them has a reading in every pass. */
function windowsOf({ records, patients, stepMs = 1_000 }: InputShape, flushed: number): number {
  const passes = Math.floor(records / patients);
  return Math.ceil((passes * stepMs) / 300_000) * flushed * 6;
}

export interface GrowthPoint {
  readonly keys: number;
  readonly partitions: number;
  readonly records: number;
}

/** One round of one point; figures in the order of the contenders, equal outputs required of all that came to the end. */
export async function growthRound(contenders: readonly Contender[], { keys, partitions, records }: GrowthPoint): Promise<GrowthFigure[]> {
  // Whole passes, at least two: every key has its state written and then found again.
  const shape: InputShape = { records: Math.max(2, Math.floor(records / keys)) * keys, patients: keys, partitions };
  const ran: Ran[] = [];
  for (const contender of contenders) ran.push(await run(contender, shape));
  const reference = ran.find(({ windows }) => windows !== null)?.windows;
  for (const [index, { windows }] of ran.entries())
    if (windows && reference && windows !== reference) requireEqual(reference, windows, contenders[index]?.name ?? '');
  return ran.map(({ figure }) => figure);
}
