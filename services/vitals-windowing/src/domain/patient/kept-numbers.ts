/**
 * Numbers of many owners in one piece of memory, seen as doubles, as integers and as bytes. An object with fields would
 * scatter them: V8 keeps every double that changes in a place of its own, and with many patients a reading mostly waits
 * for memory.
 */
export class NumberBlock {
  readonly numbers: Float64Array;
  readonly ints: Int32Array;
  readonly bytes: Buffer;

  constructor(length: number) {
    this.numbers = new Float64Array(length);
    this.ints = new Int32Array(this.numbers.buffer);
    this.bytes = Buffer.from(this.numbers.buffer);
  }
}

/** Copies numbers one by one: for so few a call into native code costs more. */
export function copyNumbers(from: Float64Array, fromAt: number, to: Float64Array, toAt: number, count: number): void {
  for (let index = 0; index < count; index++) to[toAt + index] = from[fromAt + index] as number;
}

const leastSaved = 1024;

/** What numbers were before the open batch, one after the other. */
export class SavedNumbers {
  #numbers = new Float64Array(leastSaved);
  #length = 0;

  /** Returns where they are kept until `clear`. */
  save(from: Float64Array, fromAt: number, count: number): number {
    const at = this.#length;
    if (at + count > this.#numbers.length) this.#grow(at + count);
    copyNumbers(from, fromAt, this.#numbers, at, count);
    this.#length = at + count;
    return at;
  }

  putBack(at: number, to: Float64Array, toAt: number, count: number): void {
    copyNumbers(this.#numbers, at, to, toAt, count);
  }

  clear(): void {
    this.#length = 0;
  }

  #grow(least: number): void {
    const grown = new Float64Array(Math.max(2 * this.#numbers.length, least));
    grown.set(this.#numbers);
    this.#numbers = grown;
  }
}
