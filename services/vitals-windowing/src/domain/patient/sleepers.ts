import { KeptRows, noRow, type LyingRow } from './kept-rows.ts';

/** Which of a patient's rows one is. A pane's is the pane's start. */
export const ownRow = Number.POSITIVE_INFINITY;
export const memoryRow = Number.NEGATIVE_INFINITY;

/**
 * What is kept of patients whom nobody asked for since a restore: their rows as they were written. A patient is told by the
 * number of the first one.
 */
export class Sleepers {
  readonly #rows = new KeptRows();
  #count = 0;
  /** No row below this number is left. */
  #nextToWake = 0;

  get count(): number {
    return this.#count;
  }

  /** A patient of whom this is the first row. Returns the patient's number. */
  add(row: LyingRow, part: number): number {
    this.#count++;
    return this.#rows.add(row, part);
  }

  /** A further or a newer row of a patient. */
  put(first: number, row: LyingRow, part: number): void {
    let at = first;
    for (;;) {
      if (this.#rows.part(at) === part) return this.#rows.replace(at, row);
      const next = this.#rows.next(at);
      if (next === noRow) break;
      at = next;
    }
    this.#rows.setNext(at, this.#rows.add(row, part));
  }

  /** Takes a row away. Returns the patient's number; `noRow` = it was the last one, and the patient is gone. */
  take(first: number, part: number): number {
    let before = noRow;
    for (let at = first; at !== noRow; before = at, at = this.#rows.next(at)) {
      if (this.#rows.part(at) !== part) continue;
      const next = this.#rows.next(at);
      this.#rows.remove(at);
      if (before !== noRow) this.#rows.setNext(before, next);
      else if (next === noRow) this.#count--;
      return before === noRow ? next : first;
    }
    return first;
  }

  /** Shows all rows of a patient. */
  show(first: number, visit: (row: LyingRow, part: number) => void): void {
    for (let at = first; at !== noRow; at = this.#rows.next(at)) visit(this.#rows.lying(at), this.#rows.part(at));
  }

  /** Forgets a patient. */
  release(first: number): void {
    for (let at = first; at !== noRow;) {
      const next = this.#rows.next(at);
      this.#rows.remove(at);
      at = next;
    }
    this.#count--;
  }

  /** The token of somebody who sleeps; null = nobody does. */
  anyToken(): string | null {
    if (this.#count === 0) return null;
    while (Number.isNaN(this.#rows.part(this.#nextToWake))) this.#nextToWake++;
    const { bytes, tokenFrom, tokenTo } = this.#rows.lying(this.#nextToWake);
    return bytes.toString('utf8', tokenFrom, tokenTo);
  }

  clear(): void {
    this.#rows.clear();
    this.#count = 0;
    this.#nextToWake = 0;
  }
}
