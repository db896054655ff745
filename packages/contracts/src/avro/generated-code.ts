/**
 * Collects the source of one generated codec. Its text is made of this package's own words, of numbers, and of names
 * that `parseSchema` checked; everything else reaches the code as a constant by reference.
 */
export class GeneratedCode {
  readonly #functions: string[] = [];
  readonly #constants: unknown[] = [];
  #names = 0;

  /** A name that nothing else in this codec has. */
  name(prefix: string): string {
    return `${prefix}${this.#names++}`;
  }

  /** Refers to a value of the compiling program. */
  constant(value: unknown): string {
    this.#constants.push(value);
    return `k${this.#constants.length - 1}`;
  }

  add(functionSource: string): void {
    this.#functions.push(functionSource);
  }

  /** @param inputs  names and values that the functions use freely; @param result  expression that is returned */
  compile<Result>(inputs: Readonly<Record<string, unknown>>, result: string): Result {
    const constantNames = this.#constants.map((_, index) => `k${index}`);
    const body = `'use strict';\n${this.#functions.join('\n')}\nreturn ${result};`;
    // oxlint-disable-next-line typescript/no-implied-eval -- compiled once per pair of schemas: this is what makes decoding fast
    const factory = new Function(...Object.keys(inputs), ...constantNames, body) as (...values: unknown[]) => Result;
    return factory(...Object.values(inputs), ...this.#constants);
  }
}
