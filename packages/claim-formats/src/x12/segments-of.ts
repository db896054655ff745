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
export type Takers<State> = ReadonlyMap<number, (state: State, segment: Segment) => void>;

export const takersOf = <State>(takers: Readonly<Record<string, (state: State, segment: Segment) => void>>): Takers<State> =>
  new Map(Object.entries(takers).map(([id, take]) => [codeOf(id), take]));

/** Goes through the segments of a text. */
export type SegmentWalk = <State>(
  text: string,
  delimiters: Delimiters,
  by: { readonly takers: Takers<State>; readonly state: State },
) => void;

/** One walk at a time: it has one segment to show. */
export function createSegmentWalk(): SegmentWalk {
  const segment = new SegmentText();
  return (text, delimiters, by) => {
    segment.text = text;
    walk(segment, delimiters, by);
    segment.text = '';
  };
}

function walk<State>(
  segment: SegmentText,
  { segment: terminator, element: separator }: Delimiters,
  { takers, state }: { readonly takers: Takers<State>; readonly state: State },
): void {
  const { text, starts } = segment;
  const { length } = text;
  for (let at = 0; at < length; at++) {
    while (at < length && text.charCodeAt(at) <= 0x20 && text.charCodeAt(at) !== separator && text.charCodeAt(at) !== terminator) at++;
    const third = text.charCodeAt(at + 2);
    segment.code = (text.charCodeAt(at) << 16) | (text.charCodeAt(at + 1) << 8) | (third === separator ? 0 : third);
    segment.from = at;
    const take = takers.get(segment.code);
    if (take === undefined) {
      while (at < length && text.charCodeAt(at) !== terminator) at++;
      continue;
    }
    let count = 0;
    for (; at < length; at++) {
      const unit = text.charCodeAt(at);
      if (unit === terminator) break;
      if (unit === separator && count < mostElements) starts[++count] = at + 1;
    }
    const end = terminator === 0x0a && text.charCodeAt(at - 1) === 0x0d ? at - 1 : at;
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
