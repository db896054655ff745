/** Four words of the hash, then the second. */
export const wordsPerEntry = 5;
/** Place of the second among the words of an entry. */
export const secondAt = 4;

const smallestCapacity = 1024;

const grown = (words: Uint32Array): Uint32Array<ArrayBuffer> => {
  const larger = new Uint32Array(words.length * 2);
  larger.set(words);
  return larger;
};

/** What one batch added, in order: entries in one array of words, ready to be written, and what each of them replaced. */
export class EntryLog {
  count = 0;
  private words = new Uint32Array(smallestCapacity * wordsPerEntry);
  private before = new Uint32Array(smallestCapacity);

  /** @param before  the second that the hash had, 0 for none */
  add(hash: ArrayLike<number>, second: number, before: number): void {
    if (this.count === this.before.length) {
      this.words = grown(this.words);
      this.before = grown(this.before);
    }
    const at = this.count * wordsPerEntry;
    for (let word = 0; word < secondAt; word++) this.words[at + word] = hash[word] as number;
    this.words[at + secondAt] = second;
    this.before[this.count++] = before;
  }

  /** A copy of entries `from` to `to`. */
  slice(from: number, to: number): Uint32Array<ArrayBuffer> {
    return this.words.slice(from * wordsPerEntry, Math.min(to, this.count) * wordsPerEntry);
  }

  /** Latest first, as they must be undone. */
  undo(each: (hash: Uint32Array, before: number) => void): void {
    for (let index = this.count - 1; index >= 0; index--) {
      each(this.words.subarray(index * wordsPerEntry, index * wordsPerEntry + secondAt), this.before[index] as number);
    }
  }

  clear(): void {
    this.count = 0;
  }
}
