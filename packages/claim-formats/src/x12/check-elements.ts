import type { Delimiters } from './isa.ts';
import type { ElementSpec, SegmentSpec } from './segment-specs.ts';

/** What is wrong with an element: IK403 of a 999. */
export interface ElementFault {
  readonly element: number;
  readonly component: number | null;
  /** 1 mandatory and missing, 4 too short, 5 too long, 6 invalid character, 7 invalid code, 8 invalid date. */
  readonly code: '1' | '4' | '5' | '6' | '7' | '8';
  readonly reference: string;
}

const isDigit = (byte: number): boolean => byte >= 0x30 && byte <= 0x39;

/** A decimal number as X12 writes it: an optional minus, digits, at most one point. */
function isDecimal(buffer: Buffer, from: number, end: number): boolean {
  let digits = 0;
  let points = 0;
  for (let at = buffer[from] === 0x2d ? from + 1 : from; at < end; at++) {
    const byte = buffer[at] as number;
    if (isDigit(byte)) digits++;
    else if (byte === 0x2e) points++;
    else return false;
  }
  return digits > 0 && points < 2;
}

function isWhole(buffer: Buffer, from: number, end: number): boolean {
  for (let at = from; at < end; at++) if (!isDigit(buffer[at] as number)) return false;
  return true;
}

/** IK403 of the value from `from` to `end`, which is not empty; null = it is as it must be. */
function faultOf(buffer: Buffer, from: number, end: number, { type, min, max }: ElementSpec): ElementFault['code'] | null {
  const length = end - from;
  if (type === 'R') return isDecimal(buffer, from, end) ? (length > max + 2 ? '5' : null) : '6';
  if (type === 'D' && (length !== 8 || !isWhole(buffer, from, end))) return '8';
  if (length < min) return '4';
  if (length > max) return '5';
  return type === 'N' && !isWhole(buffer, from, end) ? '6' : null;
}

interface Part {
  readonly element: number;
  readonly component: number | null;
}

function checkPart(buffer: Buffer, range: readonly [from: number, end: number], spec: ElementSpec, part: Part): ElementFault | null {
  const [from, end] = range;
  if (end <= from) return spec.required ? { ...part, code: '1', reference: spec.reference } : null;
  const code = faultOf(buffer, from, end, spec);
  return code === null ? null : { ...part, code, reference: spec.reference };
}

function checkComposite(
  buffer: Buffer,
  range: readonly [from: number, end: number],
  spec: ElementSpec,
  separator: number,
  element: number,
) {
  const [from, end] = range;
  if (end <= from) return spec.required ? ({ element, component: null, code: '1', reference: spec.reference } as const) : null;
  let start = from;
  const components = spec.components ?? [];
  for (let index = 0; index < components.length; index++) {
    let stop = start;
    while (stop < end && buffer[stop] !== separator) stop++;
    const fault = checkPart(buffer, [start, stop], components[index] as ElementSpec, { element, component: index + 1 });
    if (fault) return fault;
    start = Math.min(stop + 1, end);
  }
  return null;
}

/**
 * The first fault of a segment's elements; null = none.
 * @param range  the segment, from its identifier to before its terminator
 */
export function checkElements(
  buffer: Buffer,
  range: readonly [from: number, end: number],
  { elements: specs, lastRequired }: SegmentSpec,
  { element: separator, component }: Delimiters,
): ElementFault | null {
  const [from, end] = range;
  let start = buffer.indexOf(separator, from) + 1;
  if (start === 0 || start > end) start = end + 1;
  for (let index = 0; index < specs.length; index++) {
    let stop = start;
    while (stop < end && buffer[stop] !== separator) stop++;
    const spec = specs[index] as ElementSpec;
    const fault = spec.components
      ? checkComposite(buffer, [start, stop], spec, component, index + 1)
      : checkPart(buffer, [start, stop], spec, { element: index + 1, component: null });
    if (fault) return fault;
    start = stop + 1;
    if (start > end && index >= lastRequired) return null;
  }
  return null;
}
