import type { SegmentPlace } from './scan-segments.ts';

/** Where the element begins, from 1; -1 = the segment is shorter. */
function startOf({ buffer, from, end }: SegmentPlace, position: number, separator: number): number {
  let start = from;
  for (let passed = 0; passed < position; passed++) {
    while (start < end && buffer[start] !== separator) start++;
    if (start >= end) return -1;
    start++;
  }
  return start;
}

/** The text of an element, from 1; empty = absent. */
export function elementAt(segment: SegmentPlace, position: number, separator: number): string {
  const start = startOf(segment, position, separator);
  if (start < 0) return '';
  const { buffer, end } = segment;
  let stop = start;
  while (stop < end && buffer[stop] !== separator) stop++;
  return buffer.toString('latin1', start, stop);
}

/** An element of up to three characters as a number, one byte after the other; 0 = absent or longer. */
export function codeElementAt(segment: SegmentPlace, position: number, separator: number): number {
  const start = startOf(segment, position, separator);
  if (start < 0) return 0;
  const { buffer, end } = segment;
  let code = 0;
  for (let at = start; at < end && buffer[at] !== separator; at++) {
    if (at - start === 3) return 0;
    code = (code << 8) | (buffer[at] as number);
  }
  return code;
}

/** An element of at most nine digits as a number; -1 = absent, -2 = anything else. */
export function numberElementAt(segment: SegmentPlace, position: number, separator: number): number {
  const start = startOf(segment, position, separator);
  const { buffer, end } = segment;
  if (start < 0 || start === end || buffer[start] === separator) return -1;
  let value = 0;
  for (let at = start; at < end && buffer[at] !== separator; at++) {
    const digit = (buffer[at] as number) - 0x30;
    if (!(digit >= 0 && digit <= 9) || at - start === 9) return -2;
    value = value * 10 + digit;
  }
  return value;
}

/** The number of `codeElementAt` for a text. */
export const elementCode = (text: string): number => Buffer.from(text, 'latin1').reduce((code, byte) => (code << 8) | byte, 0);
