import type { Delimiters } from './isa.ts';

/** A segment as its elements: the identifier at 0, as in `NM109` = element 9. */
export type Segment = readonly string[];

const nothing: readonly string[] = [];

/**
 * Calls `onSegment` with each segment of a text whose identifier `wants` names.
 * Identifiers that nobody wants are not taken apart: that is most of a claim's bytes.
 */
export function eachSegment(
  text: string,
  { segment, element }: Delimiters,
  wants: ReadonlySet<string>,
  onSegment: (segment: Segment) => void,
): void {
  const terminator = String.fromCharCode(segment);
  const separator = String.fromCharCode(element);
  for (let from = 0; from < text.length;) {
    const found = text.indexOf(terminator, from);
    const end = found < 0 ? text.length : found;
    let start = from;
    while (start < end && text.charCodeAt(start) <= 0x20 && text.charCodeAt(start) !== element) start++;
    const third = text.charCodeAt(start + 2);
    const idEnd = third === element || start + 2 >= end ? start + 2 : start + 3;
    if (wants.has(text.slice(start, idEnd))) {
      const stop = segment === 0x0a && text.charCodeAt(end - 1) === 0x0d ? end - 1 : end;
      onSegment(text.slice(start, stop).split(separator));
    }
    from = end + 1;
  }
}

/** Components of an element; none where it is empty. */
export const componentsOf = (element: string | undefined, separator: string): readonly string[] =>
  element === undefined || element === '' ? nothing : element.split(separator);
