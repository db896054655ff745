import { hash } from 'node:crypto';

/** Keys that are told apart exactly; about 20 MB at most. */
const exactKeys = 200_000;
/** 2^14 registers of a byte: a standard error of 0.81 %. */
const indexBits = 14;
const registers = 1 << indexBits;
/** Bias correction for that many registers (Flajolet et al. 2007). */
const alpha = 0.7213 / (1 + 1.079 / registers);
/** An estimate within this much of the number of keys says nothing against all being distinct: three standard errors. */
const tolerance = (3 * 1.04) / Math.sqrt(registers);

/** Two independent numbers of 24 and 29 bits from a key; together its 53-bit name. */
function wordsOf(key: string): { readonly index: number; readonly name: number; readonly zeros: number } {
  const digest = hash('sha256', key, 'buffer');
  const rest = digest.readUInt32BE(4);
  return { index: digest.readUInt32BE(0) >>> (32 - indexBits), name: digest.readUIntBE(8, 6), zeros: Math.clz32(rest) + 1 };
}

/**
 * Counts distinct keys in constant memory: exactly up to 200,000, then by HyperLogLog with 16,384 registers.
 *
 * @see Flajolet, Fusy, Gandouet, Meunier: HyperLogLog (2007)
 */
export class DistinctCounter {
  readonly #registers = new Uint8Array(registers);
  #exact: Set<number> | null = new Set();
  #added = 0;

  add(key: string): void {
    const { index, name, zeros } = wordsOf(key);
    this.#added++;
    if (zeros > (this.#registers[index] as number)) this.#registers[index] = zeros;
    if (this.#exact === null) return;
    this.#exact.add(name);
    if (this.#exact.size > exactKeys) this.#exact = null;
  }

  /** Distinct keys, at most as many as were added. An estimate too close to tell counts as all of them. */
  get distinct(): number {
    if (this.#exact !== null) return this.#exact.size;
    let sum = 0;
    for (const register of this.#registers) sum += 2 ** -register;
    const estimate = (alpha * registers * registers) / sum;
    return estimate >= this.#added * (1 - tolerance) ? this.#added : Math.round(estimate);
  }

  get added(): number {
    return this.#added;
  }
}
