import { createCodeTable, type CodeTable } from './code-table.ts';
import type { Delimiters } from './isa.ts';
import { codeOf } from './scan-segments.ts';

/** One segment of a text: the same object for all of them, so it is looked at and not kept. */
export interface Segment {
  /** Its identifier, as `codeOf` makes it. */
  readonly code: number;
  /** Where it begins in the text. */
  readonly from: number;
  /** The element at a position, from 1, as in `NM109`; empty = absent. */
  at(position: number): string;
  /** Position of the last element. */
  last(): number;
}

const mostElements = 64;

class SegmentText implements Segment {
  code = 0;
  from = 0;
  /** All that is gone through: elements are cut out of it. */
  text = '';
  /** Where each element begins; one more tells where the last one ends. */
  readonly starts = new Int32Array(mostElements + 2);
  count = 0;
  at(position: number): string {
    return position > this.count ? '' : this.text.slice(this.starts[position], (this.starts[position + 1] as number) - 1);
  }
  last(): number {
    return this.count;
  }
}

/** What to do with segments, by the numbers of their identifiers; the others are passed over. */
export type Takers<State> = CodeTable<(state: State, segment: Segment) => void>;

export const takersOf = <State>(takers: Readonly<Record<string, (state: State, segment: Segment) => void>>): Takers<State> =>
  createCodeTable(Object.entries(takers).map(([id, take]) => [codeOf(id), take] as const));

/** Goes through the segments of some bytes, which are read as Latin-1. */
export type SegmentWalk = <State>(
  bytes: Buffer,
  delimiters: Delimiters,
  by: { readonly takers: Takers<State>; readonly state: State },
) => void;

/** One walk at a time: it has one segment to show. */
export function createSegmentWalk(): SegmentWalk {
  const segment = new SegmentText();
  return (bytes, delimiters, by) => {
    segment.text = bytes.toString('latin1');
    walk(segment, bytes, { ...by, delimiters });
    segment.text = '';
  };
}

interface Walking<State> {
  readonly delimiters: Delimiters;
  readonly takers: Takers<State>;
  readonly state: State;
}

/** Looks at bytes: a character of a string costs three times as much. */
function walk<State>(segment: SegmentText, bytes: Buffer, { delimiters, takers, state }: Walking<State>): void {
  const { segment: terminator, element: separator } = delimiters;
  const { starts } = segment;
  const { length } = bytes;
  for (let at = 0; at < length; at++) {
    while (at < length && (bytes[at] as number) <= 0x20 && bytes[at] !== separator && bytes[at] !== terminator) at++;
    const third = at + 2 < length ? (bytes[at + 2] as number) : 0;
    segment.code =
      at + 1 < length ? ((bytes[at] as number) << 16) | ((bytes[at + 1] as number) << 8) | (third === separator ? 0 : third) : 0;
    segment.from = at;
    const take = takers.get(segment.code);
    if (take === undefined) {
      while (at < length && bytes[at] !== terminator) at++;
      continue;
    }
    let count = 0;
    for (; at < length; at++) {
      const byte = bytes[at];
      if (byte === terminator) break;
      if (byte === separator && count < mostElements) starts[++count] = at + 1;
    }
    const end = terminator === 0x0a && bytes[at - 1] === 0x0d ? at - 1 : at;
    starts[count + 1] = end + 1;
    segment.count = count;
    take(state, segment);
  }
}

/** A component of an element, from 1; empty = absent. */
export function componentAt(element: string, position: number, separator: string): string {
  let from = 0;
  for (let passed = 1; passed < position; passed++) {
    from = element.indexOf(separator, from) + 1;
    if (from === 0) return '';
  }
  const end = element.indexOf(separator, from);
  return end < 0 ? element.slice(from) : element.slice(from, end);
}

/** Components from a position on that hold anything. */
export function componentsFrom(element: string, position: number, separator: string): readonly string[] {
  const found: string[] = [];
  let from = 0;
  for (let at = 1; ; at++) {
    const end = element.indexOf(separator, from);
    const component = end < 0 ? element.slice(from) : element.slice(from, end);
    if (at >= position && component !== '') found.push(component);
    if (end < 0) return found;
    from = end + 1;
  }
}
