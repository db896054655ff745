import type { AppendedBatch } from '@vigil/kafka';

/** Where lines of a source stand in a topic: the record at `firstOffset + i` came of line `lines[i]`. */
export interface TrailRange {
  readonly topic: string;
  readonly partition: number;
  readonly firstOffset: number;
  /** From 1, in order; a line repeats where several records came of it. */
  readonly lines: readonly number[];
}

/** As it is written: the first line, then the steps to the next. */
type WrittenRange = readonly [topic: string, partition: number, firstOffset: number, steps: readonly number[]];

/** A record that was sent and the line behind it. */
export interface SentLine {
  readonly topic: string;
  readonly partition: number;
  readonly line: number;
}

/**
 * The trail of what was sent; records without a line (0) leave none.
 *
 * @param sent  in the order of sending
 * @param appended  what the broker said of them
 * @returns null where the broker did not tell a place: the trail is then unknown
 */
export function trailOf(sent: readonly SentLine[], appended: readonly AppendedBatch[]): readonly TrailRange[] | null {
  const waiting = new Map<string, number[]>();
  for (const { topic, partition, line } of sent) {
    const lines = waiting.getOrInsertComputed(`${topic}-${partition}`, () => []);
    lines.push(line);
  }
  const taken = new Map<string, number>();
  const ranges: TrailRange[] = [];
  for (const { topic, partition, firstOffset, count } of appended) {
    const name = `${topic}-${partition}`;
    const from = taken.get(name) ?? 0;
    taken.set(name, from + count);
    const lines = waiting.get(name)?.slice(from, from + count) ?? [];
    if (lines.length === 0 || lines[0] === 0) continue;
    if (firstOffset === null) return null;
    ranges.push({ topic, partition, firstOffset, lines });
  }
  return ranges;
}

export function writeTrail(trail: readonly TrailRange[]): string {
  if (trail.length === 0) return '';
  const written = trail.map(({ topic, partition, firstOffset, lines }): WrittenRange => {
    return [topic, partition, firstOffset, lines.map((line, at) => line - (lines[at - 1] ?? 0))];
  });
  return JSON.stringify(written);
}

export function readTrail(text: string): readonly TrailRange[] {
  if (text === '') return [];
  return (JSON.parse(text) as readonly WrittenRange[]).map(([topic, partition, firstOffset, steps]) => {
    let line = 0;
    return { topic, partition, firstOffset, lines: steps.map((step) => (line += step)) };
  });
}
