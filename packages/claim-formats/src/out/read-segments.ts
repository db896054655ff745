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

const headerLength = 106;
const componentAt = 104;

/**
 * Takes X12 text apart. Delimiters are those that each ISA declares; line breaks between segments and a byte-order mark
 * are tolerated.
 *
 * @throws VigilError BAD_REMITTANCE where the text does not begin with an ISA segment of 106 characters
 */
export function* readSegments(text: string): Generator<X12Segment> {
  let rest = text.replace(/^\uFEFF?\s*/, '');
  while (rest !== '') {
    if (!rest.startsWith('ISA') || rest.length < headerLength)
      throw new VigilError('BAD_REMITTANCE', { detail: 'There is no ISA segment.' });
    const element = rest[3] as string;
    const component = rest[componentAt] as string;
    const terminator = rest[headerLength - 1] as string;
    const trailer = rest.indexOf(`IEA${element}`);
    const end = trailer < 0 ? -1 : rest.indexOf(terminator, trailer);
    const interchange = end < 0 ? rest : rest.slice(0, end);
    rest = end < 0 ? '' : rest.slice(end + 1).trimStart();
    for (const segment of interchange.split(terminator)) {
      const elements = segment
        .replace(/^[\r\n]+/, '')
        .trimEnd()
        .split(element);
      if (elements[0] === '') continue;
      yield {
        name: elements[0] as string,
        at: (place) => elements[place] ?? '',
        parts: (place) => (elements[place] ?? '').split(component),
        length: elements.length,
      };
    }
  }
}
