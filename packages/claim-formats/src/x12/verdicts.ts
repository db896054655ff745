import type { Finding } from '../split/piece.ts';

/** Findings of so many are kept; of more it is only known that they are rejected. */
const mostKept = 5000;

/** Which of the numbered things of an interchange are rejected, and why: a bit each, findings of the first. */
export interface Verdicts {
  reject(index: number, findings: readonly Finding[]): void;
  /** Null = taken. */
  findingsOf(index: number): readonly Finding[] | null;
}

export function createVerdicts(beyond: Finding): Verdicts {
  let bits = new Uint8Array(64);
  const kept = new Map<number, readonly Finding[]>();
  const further = [beyond];
  return {
    reject(index, findings) {
      const byte = index >> 3;
      if (byte >= bits.length) {
        const larger = new Uint8Array(Math.max(byte + 1, bits.length * 2));
        larger.set(bits);
        bits = larger;
      }
      bits[byte] = (bits[byte] as number) | (1 << (index & 7));
      if (kept.size < mostKept) kept.set(index, findings);
    },
    findingsOf(index) {
      const isRejected = ((bits[index >> 3] ?? 0) & (1 << (index & 7))) !== 0;
      return isRejected ? (kept.get(index) ?? further) : null;
    },
  };
}
