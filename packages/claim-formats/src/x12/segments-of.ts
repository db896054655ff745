import type { Delimiters } from './isa.ts';
import { codeOf } from './scan-segments.ts';

/** A segment as its elements: the identifier at 0, as in `NM109` = element 9. */
export type Segment = readonly string[];

const nothing: readonly string[] = [];

/** Identifiers of segments as numbers, so that most segments are passed over without a string being made. */
export const wantedSegments = (ids: string): ReadonlySet<number> => new Set(ids.split(' ').map(codeOf));

/** Calls `onSegment` with each segment of a text whose identifier is wanted. */
export function eachSegment(
  text: string,
  { segment, element }: Delimiters,
  take: { readonly wanted: ReadonlySet<number>; readonly onSegment: (segment: Segment) => void },
): void {
  const terminator = String.fromCharCode(segment);
  const separator = String.fromCharCode(element);
  for (let from = 0; from < text.length;) {
    const found = text.indexOf(terminator, from);
    const end = found < 0 ? text.length : found;
    let start = from;
    while (start < end && text.charCodeAt(start) <= 0x20 && text.charCodeAt(start) !== element) start++;
    const third = text.charCodeAt(start + 2);
    const code = (text.charCodeAt(start) << 16) | (text.charCodeAt(start + 1) << 8) | (third === element ? 0 : third);
    if (take.wanted.has(code)) {
      const stop = segment === 0x0a && text.charCodeAt(end - 1) === 0x0d ? end - 1 : end;
      take.onSegment(text.slice(start, stop).split(separator));
    }
    from = end + 1;
  }
}

/** Components of an element; none where it is empty. */
export const componentsOf = (element: string | undefined, separator: string): readonly string[] =>
  element === undefined || element === '' ? nothing : element.split(separator);
