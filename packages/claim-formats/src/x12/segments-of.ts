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

const nothing: readonly string[] = [];
const mostElements = 64;

class SegmentText implements Segment {
  code = 0;
  readonly text: string;
  /** Where each element begins; one more tells where the last one ends. */
  readonly starts = new Int32Array(mostElements + 2);
  count = 0;
  constructor(text: string) {
    this.text = text;
  }
  at(position: number): string {
    return position > this.count ? '' : this.text.slice(this.starts[position], (this.starts[position + 1] as number) - 1);
  }
  last(): number {
    return this.count;
  }
}

/** Identifiers of segments as numbers, so that most segments are passed over without a string being made. */
export const wantedSegments = (ids: string): ReadonlySet<number> => new Set(ids.split(' ').map(codeOf));

/** Calls `onSegment` with each segment of a text whose identifier is wanted. */
export function eachSegment(
  text: string,
  { segment: terminator, element: separator }: Delimiters,
  { wanted, onSegment }: { readonly wanted: ReadonlySet<number>; readonly onSegment: (segment: Segment) => void },
): void {
  const segment = new SegmentText(text);
  const { starts } = segment;
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

/** Components of an element; none where it is empty. */
export const componentsOf = (element: string, separator: string): readonly string[] =>
  element === '' ? nothing : element.split(separator);
