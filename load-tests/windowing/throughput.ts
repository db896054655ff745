import type { Round } from '../bench-report.ts';
import { drainProgram } from '../measure/drain-program.ts';
import { acceptedReadings, expectedWindows, flushWindowStart, type InputShape } from '../windows/accepted-readings.ts';
import { compareWindows, readingsIn, type WindowTable } from '../windows/compare-windows.ts';
import { readWindows } from '../windows/read-windows.ts';
import { input, loadInput, openPlace, ours, type Contender, type Place } from './contenders.ts';

interface Ran {
  readonly round: Round;
  readonly windows: WindowTable;
}

async function run(place: Place, shape: InputShape, contender: Contender): Promise<Ran> {
  process.stderr.write(`throughput: ${contender.name}\n`);
  const { home } = place;
  const program = await contender.prepare(place);
  const round = await drainProgram(home, program, { topic: input.name, records: shape.records + shape.patients });
  const wanted = { topic: contender.outputTopic, before: flushWindowStart(shape), count: expectedWindows(shape) };
  const windows = await readWindows(home.client, wanted);
  const readings = readingsIn(windows, 'heart_rate');
  if (readings !== shape.records)
    throw new Error(`The windows of ${contender.name} hold ${readings} of ${shape.records} readings: the figures would not count.`);
  return { round, windows };
}

/** @throws naming the first differences */
export function requireEqual(ourWindows: WindowTable, theirs: WindowTable, name: string): void {
  const { equal, differences } = compareWindows(ourWindows, theirs);
  if (!equal) throw new Error(`Windows of ${name} differ from ours, the figures do not count: ${differences.join('; ')}.`);
}

export interface ThroughputRound {
  readonly ours: Round;
  /** In the order of the contenders. */
  readonly peers: readonly Round[];
  readonly windows: number;
}

/** All programs on one broker, one topic and the same bytes, one after the other; who begins changes from round to round. */
export async function throughputRound(
  peers: readonly Contender[],
  shape: InputShape,
  order: { readonly oursFirst: boolean },
): Promise<ThroughputRound> {
  const place = await openPlace('windowing-throughput', shape.partitions);
  try {
    await loadInput(place, ['accepted', shape, place.inputId], () => acceptedReadings(shape, place.inputId));
    const before = order.oursFirst ? await run(place, shape, ours) : undefined;
    const theirs: Ran[] = [];
    for (const peer of peers) theirs.push(await run(place, shape, peer));
    const own = before ?? (await run(place, shape, ours));
    for (const [index, { windows }] of theirs.entries()) requireEqual(own.windows, windows, peers[index]?.name ?? '');
    return { ours: own.round, peers: theirs.map(({ round }) => round), windows: own.windows.size };
  } finally {
    await place.home.close();
  }
}
