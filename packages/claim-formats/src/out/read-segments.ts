import { VigilError } from '@vigil/core';

/** A segment of an interchange: its name and its elements, of which the first stands at 1. */
export interface X12Segment {
  readonly name: string;
  /** The element at a place, counted from 1; empty where there is none. */
  readonly at: (place: number) => string;
  /** The components of the element at a place. */
  readonly parts: (place: number) => readonly string[];
  readonly length: number;
}

/** An ISA segment has 106 characters, its terminator included. */
const componentAt = 104;
const terminatorAt = 105;

const segmentOf = (text: string, element: string, component: string): X12Segment => {
  const elements = text.trimEnd().split(element);
  return {
    name: elements[0] as string,
    at: (place) => elements[place] ?? '',
    parts: (place) => (elements[place] ?? '').split(component),
    length: elements.length,
  };
};

/**
 * Takes X12 text apart. Delimiters are those that each ISA declares; line breaks between segments and a byte-order mark
 * are tolerated.
 *
 * @throws VigilError BAD_REMITTANCE where the text does not begin with an ISA segment of 106 characters
 */
export function* readSegments(text: string): Generator<X12Segment> {
  let [element, component, terminator] = ['', '', ''];
  const start = /[^\s\uFEFF]/g;
  for (let at = 0; ;) {
    start.lastIndex = at;
    const first = start.exec(text);
    if (!first) return;
    at = first.index;
    const isHeader = text.startsWith('ISA', at);
    if (isHeader && text.length > at + terminatorAt) {
      [element, component, terminator] = [3, componentAt, terminatorAt].map((place) => text[at + place]) as [string, string, string];
    } else if (isHeader || terminator === '') throw new VigilError('BAD_REMITTANCE', { detail: 'There is no ISA segment.' });
    const found = isHeader ? at + terminatorAt : text.indexOf(terminator, at);
    const end = found < 0 ? text.length : found;
    yield segmentOf(text.slice(at, end), element, component);
    at = end + 1;
  }
}
