import type { SegmentCode } from './scan-segments.ts';

/** What is known by the identifier of a segment. */
export interface CodeTable<Value> {
  /** Undefined = nothing is. */
  get(code: SegmentCode): Value | undefined;
  has(code: SegmentCode): boolean;
}

/** Bits of a place: eight times as many places as an 837 has identifiers. */
const placeBits = 9;
const mostTries = 10_000;

/** A factor by which no two codes fall into one place. */
function factorFor(codes: readonly SegmentCode[]): number {
  for (let tried = 1; tried < mostTries; tried++) {
    const factor = Math.imul(tried, 0x9e3779b1) | 1;
    if (new Set(codes.map((code) => Math.imul(code, factor) >>> (32 - placeBits))).size === codes.length) return factor;
  }
  throw new TypeError(`No table of ${1 << placeBits} places holds ${codes.length} codes apart.`);
}

/** A map of few codes that costs a multiplication and a look: each segment is looked up several times. */
export function createCodeTable<Value>(entries: Iterable<readonly [SegmentCode, Value]>): CodeTable<Value> {
  const given = [...new Map(entries)];
  const factor = factorFor(given.map(([code]) => code));
  const codes = new Int32Array(1 << placeBits).fill(-1);
  const values: (Value | undefined)[] = Array.from({ length: 1 << placeBits }, () => undefined);
  for (const [code, value] of given) {
    const place = Math.imul(code, factor) >>> (32 - placeBits);
    codes[place] = code;
    values[place] = value;
  }
  return {
    get(code) {
      const place = Math.imul(code, factor) >>> (32 - placeBits);
      return codes[place] === code ? values[place] : undefined;
    },
    has: (code) => codes[Math.imul(code, factor) >>> (32 - placeBits)] === code,
  };
}
