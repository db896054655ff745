import type { Delimiters } from './isa.ts';
import { codeOf } from './scan-segments.ts';

/** One segment of a text: the same object for all of them, so it is looked at and not kept. */
export interface Segment {
  /** Its identifier, as `codeOf` makes it. */
  readonly code: number;
  /** The element at a position, from 1, as in `NM109`; empty = absent. */
  at(position: number): string;
  /** Position of the last element. */
  last(): number;
}

const mostElements = 64;

class SegmentText implements Segment {
  code = 0;
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

/** Identifiers of segments as numbers, so that most segments are passed over without a string being made. */
export const wantedSegments = (ids: string): ReadonlySet<number> => new Set(ids.split(' ').map(codeOf));

export type EachSegment = (
  text: string,
  delimiters: Delimiters,
  take: { readonly wanted: ReadonlySet<number>; readonly onSegment: (segment: Segment) => void },
) => void;

/** What calls `onSegment` with each segment of a text whose identifier is wanted; one at a time. */
export function createSegmentWalk(): EachSegment {
  const segment = new SegmentText();
  return (text, delimiters, take) => {
    segment.text = text;
    walk(segment, delimiters, take);
    segment.text = '';
  };
}

function walk(
  segment: SegmentText,
  { segment: terminator, element: separator }: Delimiters,
  { wanted, onSegment }: { readonly wanted: ReadonlySet<number>; readonly onSegment: (segment: Segment) => void },
): void {
  const { text, starts } = segment;
  const { length } = text;
  for (let at = 0; at < length; at++) {
    while (at < length && text.charCodeAt(at) <= 0x20 && text.charCodeAt(at) !== separator && text.charCodeAt(at) !== terminator) at++;
    const third = text.charCodeAt(at + 2);
    segment.code = (text.charCodeAt(at) << 16) | (text.charCodeAt(at + 1) << 8) | (third === separator ? 0 : third);
    if (!wanted.has(segment.code)) {
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
    onSegment(segment);
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
