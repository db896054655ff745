/** The delimiters of an interchange, as its ISA sets them. */
export interface Delimiters {
  readonly element: number;
  readonly component: number;
  /** 0 = none: ISA11 holds a letter, as before version 5010. */
  readonly repetition: number;
  readonly segment: number;
}

/** An ISA segment that was read. */
export interface Isa {
  readonly delimiters: Delimiters;
  /** ISA01 to ISA16; the first is at 0. */
  readonly elements: readonly string[];
  /** From `ISA` to its terminator. */
  readonly bytes: number;
  /** TA1 note code of what is wrong with it; null = nothing. */
  readonly note: string | null;
  /** Element that the note is about, from 1. */
  readonly element: number;
}

/** Longest that a malformed ISA is looked for its end: the right one has 106 bytes. */
export const isaWindowBytes = 256;

/** Widths of ISA01 to ISA16, all fixed. @see X12 5010, appendix C */
const widths = [2, 10, 2, 10, 2, 15, 2, 15, 6, 4, 1, 5, 9, 1, 1, 1];
/** TA1 note code where an element is not as it must be. @see X12 5010, TA105 */
const notes = ['010', '011', '012', '013', '005', '006', '007', '008', '014', '015', '016', '017', '018', '019', '020', '027'];

const isDigits = (text: string): boolean => /^\d+$/.test(text);

/** The element of a malformed ISA that is wrong, from 1; 0 = none. */
function wrongElement(elements: readonly string[]): number {
  const width = elements.findIndex((element, index) => element.length !== widths[index]);
  if (width >= 0) return width + 1;
  if (!isDigits(elements[8] ?? '')) return 9;
  if (!isDigits(elements[9] ?? '')) return 10;
  return isDigits(elements[12] ?? '') ? 0 : 13;
}

/** Neither a letter, nor a digit, nor a space can separate anything. */
const isDelimiter = (byte: number): boolean =>
  !(byte === 0x20 || (byte >= 0x30 && byte <= 0x39) || (byte >= 0x41 && byte <= 0x5a) || (byte >= 0x61 && byte <= 0x7a));

/**
 * Reads the ISA at the beginning of `bytes`, of which there should be `isaWindowBytes`. Elements are told apart by the
 * separator, not by their place, so that one of the wrong width can be named.
 *
 * @returns null where nothing separates 16 elements: then the bytes are no interchange
 */
export function readIsa(bytes: Buffer): Isa | null {
  const element = bytes[3];
  if (element === undefined || !isDelimiter(element)) return null;
  const elements: string[] = [];
  let from = 4;
  while (elements.length < 15) {
    const end = bytes.indexOf(element, from);
    if (end < 0 || end >= isaWindowBytes) return null;
    elements.push(bytes.toString('latin1', from, end));
    from = end + 1;
  }
  const component = bytes[from];
  let segment = bytes[from + 1];
  if (component === undefined || segment === undefined || !isDelimiter(segment) || segment === element) return null;
  // Lines that end in CR LF: their LF is what every line of a mixed file has.
  if (segment === 0x0d && bytes[from + 2] === 0x0a) segment = 0x0a;
  const end = bytes.indexOf(segment, from + 1) + 1;
  elements.push(String.fromCharCode(component));
  const repeats = (elements[10] ?? '').charCodeAt(0);
  const delimiters = { element, component, repetition: isDelimiter(repeats) ? repeats : 0, segment };
  const wrong = wrongElement(elements);
  if (wrong > 0) return { delimiters, elements, bytes: end, note: notes[wrong - 1] ?? '022', element: wrong };
  if (!isDelimiter(component) || component === element) return { delimiters, elements, bytes: end, note: '027', element: 16 };
  // 00501 is the version of every 5010 implementation guide; its older ones are read by nobody here.
  if (elements[11] !== '00501') return { delimiters, elements, bytes: end, note: '017', element: 12 };
  return { delimiters, elements, bytes: end, note: null, element: 0 };
}
