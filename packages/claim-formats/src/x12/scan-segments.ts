import type { Delimiters } from './isa.ts';

/** A segment's identifier as a number: its two or three bytes, one after the other; 0 = none that can be one. */
export type SegmentCode = number;

export const codeOf = (id: string): SegmentCode =>
  (id.charCodeAt(0) << 16) | (id.charCodeAt(1) << 8) | (id.length > 2 ? id.charCodeAt(2) : 0);

/** The identifier of a number; empty where it is none. */
export const idOf = (code: SegmentCode): string =>
  String.fromCharCode(...[code >> 16, (code >> 8) & 255, code & 255].filter((byte) => byte > 0));

/** Where one segment lies: one object for all of a scan, so it is looked at and not kept. */
export interface SegmentPlace {
  buffer: Buffer;
  code: SegmentCode;
  /** Its first byte, and its end before the terminator. */
  from: number;
  end: number;
}

/** A segment with its elements. */
export interface ScannedSegment extends SegmentPlace {
  /** Where each element begins, from 1, of the first 64. */
  readonly starts: Int32Array;
  /** Of the last of them. */
  count: number;
}

/** No segment that is looked into has as many elements. */
const mostElements = 64;

/** Called with each segment. False stops the scan before it. */
export type OnSegment = (segment: ScannedSegment) => boolean;

/** Bytes between segments that mean nothing: line breaks, and blanks around them. */
const isBetween = (byte: number): boolean => byte === 0x0a || byte === 0x0d || byte === 0x20 || byte === 0x09;

const isIdByte = (byte: number): boolean => (byte >= 0x41 && byte <= 0x5a) || (byte >= 0x30 && byte <= 0x39);

/** The identifier from `from` to `end`: two or three capitals and digits. */
function codeAt(buffer: Buffer, from: number, end: number): SegmentCode {
  if (end - from !== 2 && end - from !== 3) return 0;
  let code = 0;
  for (let at = from; at < end; at++) {
    const byte = buffer[at] as number;
    if (!isIdByte(byte)) return 0;
    code = (code << 8) | byte;
  }
  return end - from === 2 ? code << 8 : code;
}

/** Where the first byte of a segment is, from `from` on; the end of the buffer where only blanks are left. */
function skipBetween(buffer: Buffer, from: number, { segment, element }: Delimiters): number {
  let at = from;
  while (at < buffer.length) {
    const byte = buffer[at] as number;
    if (!isBetween(byte) || byte === segment || byte === element) break;
    at++;
  }
  return at;
}

/**
 * Calls `onSegment` for each whole segment of the buffer.
 * @returns how many bytes were taken: up to the last terminator, or to where `onSegment` stopped it
 */
export function scanSegments(buffer: Buffer, delimiters: Delimiters, onSegment: OnSegment): number {
  const starts = new Int32Array(mostElements + 1);
  const place: ScannedSegment = { buffer, code: 0, from: 0, end: 0, starts, count: 0 };
  const { segment, element } = delimiters;
  const { length } = buffer;
  let taken = 0;
  for (;;) {
    const from = skipBetween(buffer, taken, delimiters);
    // A call of indexOf costs more than looking at the few bytes of a segment, and elements are found on the way.
    let terminator = from;
    let count = 0;
    for (; terminator < length; terminator++) {
      const byte = buffer[terminator];
      if (byte === segment) break;
      if (byte === element && count < mostElements) starts[++count] = terminator + 1;
    }
    if (terminator === length) return taken;
    // A line that ends in CR LF where LF ends the segment.
    const end = segment === 0x0a && terminator > from && buffer[terminator - 1] === 0x0d ? terminator - 1 : terminator;
    place.code = codeAt(buffer, from, count === 0 ? end : Math.min(end, (starts[1] as number) - 1));
    place.from = from;
    place.end = end;
    place.count = count;
    if (!onSegment(place)) return taken;
    taken = terminator + 1;
  }
}

/** Where the segment at `from` ends, before its terminator; -1 = not in this buffer. */
export function endOfSegment(buffer: Buffer, from: number, terminator: number): number {
  let at = from;
  while (at < buffer.length && buffer[at] !== terminator) at++;
  if (at === buffer.length) return -1;
  return terminator === 0x0a && at > from && buffer[at - 1] === 0x0d ? at - 1 : at;
}
