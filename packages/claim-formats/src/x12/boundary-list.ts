import { codeOf, type SegmentCode } from './scan-segments.ts';

const [GS, ST, SE, GE, IEA, HL, CLM] = ['GS', 'ST', 'SE', 'GE', 'IEA', 'HL', 'CLM'].map(codeOf);

/** Whether something ends before the segment: a claim, a loop, a set, a group. */
export const isBoundary = (code: SegmentCode): boolean =>
  code === HL || code === CLM || code === ST || code === SE || code === GS || code === GE || code === IEA;

/** So many are kept, 16 bytes each; an interchange with more is scanned a second time. */
const mostKept = 262_144;

/** Where the boundaries of an interchange lie, so that it can be cut without being scanned again. */
export interface BoundaryList {
  add(code: SegmentCode, offset: number, number: number): void;
  /** Whether all are kept. */
  isComplete(): boolean;
  count(): number;
  codeAt(index: number): SegmentCode;
  /** Place in the input of the segment's first byte. */
  offsetAt(index: number): number;
  /** Its number among the segments of the interchange, from 1. */
  numberAt(index: number): number;
}

export function createBoundaryList(): BoundaryList {
  let offsets = new Float64Array(256);
  let codes = new Int32Array(256);
  let numbers = new Int32Array(256);
  let count = 0;
  const grow = (): void => {
    const larger = [new Float64Array(count * 2), new Int32Array(count * 2), new Int32Array(count * 2)] as const;
    larger[0].set(offsets);
    larger[1].set(codes);
    larger[2].set(numbers);
    [offsets, codes, numbers] = larger;
  };
  return {
    add(code, offset, number) {
      if (count < mostKept) {
        if (count === codes.length) grow();
        offsets[count] = offset;
        codes[count] = code;
        numbers[count] = number;
      }
      count++;
    },
    isComplete: () => count <= mostKept,
    count: () => count,
    codeAt: (index) => codes[index] as number,
    offsetAt: (index) => offsets[index] as number,
    numberAt: (index) => numbers[index] as number,
  };
}
