import type { Delimiters } from './isa.ts';
import type { ScannedSegment, SegmentPlace } from './scan-segments.ts';
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

/** IK403 of what lies between, absent or not. */
const codeOfValue = (buffer: Buffer, from: number, end: number, spec: ElementSpec): ElementFault['code'] | null => {
  if (end > from) return faultOf(buffer, from, end, spec);
  return spec.required ? '1' : null;
};

const faultAt = (
  element: number,
  component: number | null,
  code: ElementFault['code'] | null,
  { reference }: ElementSpec,
): ElementFault | null => (code === null ? null : { element, component, code, reference });

/** The first component that is not as it must be; an absent composite is wrong as a whole. */
function checkComposite(
  { buffer, from, end }: Range,
  spec: ElementSpec,
  { separator, element }: { readonly separator: number; readonly element: number },
): ElementFault | null {
  if (end <= from) return faultAt(element, null, spec.required ? '1' : null, spec);
  const components = spec.components ?? [];
  let start = from;
  for (let index = 0; index < components.length && (start < end || index === 0 || components[index]?.required); index++) {
    let stop = start;
    while (stop < end && buffer[stop] !== separator) stop++;
    const component = components[index] as ElementSpec;
    const code = codeOfValue(buffer, start, stop, component);
    if (code !== null) return faultAt(element, index + 1, code, component);
    start = Math.min(stop + 1, end);
  }
  return null;
}

type Range = Pick<SegmentPlace, 'buffer' | 'from' | 'end'>;

/** The first fault of a segment's elements; null = none. */
export function checkElements(
  { buffer, end, starts, count }: ScannedSegment,
  { elements, lastRequired }: SegmentSpec,
  { component: separator }: Pick<Delimiters, 'component'>,
): ElementFault | null {
  const last = Math.min(elements.length, Math.max(count, lastRequired + 1));
  for (let element = 1; element <= last; element++) {
    // What is not there begins and ends behind the segment.
    const from = element <= count ? (starts[element] as number) : end;
    const stop = element < count ? (starts[element + 1] as number) - 1 : end;
    const spec = elements[element - 1] as ElementSpec;
    if (spec.components) {
      const fault = checkComposite({ buffer, from, end: stop }, spec, { separator, element });
      if (fault) return fault;
    } else if (stop > from || spec.required) {
      const code = codeOfValue(buffer, from, stop, spec);
      if (code !== null) return faultAt(element, null, code, spec);
    }
  }
  return null;
}
