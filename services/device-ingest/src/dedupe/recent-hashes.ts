/** Four words of the hash, then the second: side by side, as a look-up is one cache miss and not two. */
const stride = 5;
const secondAt = 4;
const segmentCount = 256;
const smallestCapacity = 16;

/** Open addressing with linear probing; second 0 marks an empty slot. A hash is four words of `source` from `from` on. */
class Segment {
  words = new Uint32Array(smallestCapacity * stride);
  capacity = smallestCapacity;
  used = 0;

  /** Where the entry of the hash begins, or the empty one that it would get. */
  placeOf(source: ArrayLike<number>, from: number): number {
    const { words } = this;
    const mask = this.capacity - 1;
    const first = source[from] as number;
    for (let slot = first & mask; ; slot = (slot + 1) & mask) {
      const at = slot * stride;
      if (words[at + secondAt] === 0) return at;
      if (
        words[at] === first &&
        words[at + 1] === source[from + 1] &&
        words[at + 2] === source[from + 2] &&
        words[at + 3] === source[from + 3]
      )
        return at;
    }
  }

  put(source: ArrayLike<number>, from: number, second: number): void {
    const { words } = this;
    const at = this.placeOf(source, from);
    if (words[at + secondAt] === 0) this.used++;
    words[at] = source[from] as number;
    words[at + 1] = source[from + 1] as number;
    words[at + 2] = source[from + 2] as number;
    words[at + 3] = source[from + 3] as number;
    words[at + secondAt] = second;
  }

  /** Moves what is at least `oldest` into a table with room for as much again. */
  rebuild(oldest: number): void {
    const { words } = this;
    const isKept = (second: number): boolean => second >= oldest && second !== 0;
    let kept = 0;
    for (let at = secondAt; at < words.length; at += stride) if (isKept(words[at] as number)) kept++;
    this.capacity = Math.max(smallestCapacity, 2 ** Math.ceil(Math.log2(kept * 2 + 1)));
    this.words = new Uint32Array(this.capacity * stride);
    this.used = 0;
    for (let at = 0; at < words.length; at += stride) {
      const second = words[at + secondAt] as number;
      if (isKept(second)) this.put(words, at, second);
    }
  }

  /** Empties an entry and closes the gap, so that no later one of the chain becomes unreachable. */
  remove(place: number): void {
    const { words, capacity } = this;
    words[place + secondAt] = 0;
    this.used--;
    const after = (at: number): number => (at + stride) % (capacity * stride);
    for (let next = after(place); words[next + secondAt] !== 0; next = after(next)) {
      const entry = words.slice(next, next + stride);
      words[next + secondAt] = 0;
      this.used--;
      this.put(entry, 0, entry[secondAt] as number);
    }
  }
}

/**
 * A set of 128-bit hashes, each with the second at which it was last put in: 20 bytes an entry in typed arrays.
 *
 * It stands in 256 small tables that grow one at a time, so that millions of entries are never moved in one go, and a table
 * drops what has expired whenever it is full: the memory follows the last hour's rate by itself.
 */
export class RecentHashes {
  private segments: Segment[] = Array.from({ length: segmentCount }, () => new Segment());

  private segmentOf(hash: ArrayLike<number>): Segment {
    return this.segments[(hash[3] as number) & (segmentCount - 1)] as Segment;
  }

  /** The second that belongs to `hash`; 0 = not here. */
  secondOf(hash: ArrayLike<number>): number {
    const segment = this.segmentOf(hash);
    return segment.words[segment.placeOf(hash, 0) + secondAt] as number;
  }

  /** @param oldest  entries of earlier seconds may be forgotten */
  set(hash: ArrayLike<number>, second: number, oldest: number): void {
    const segment = this.segmentOf(hash);
    if (segment.used * 4 >= segment.capacity * 3) segment.rebuild(oldest);
    segment.put(hash, 0, second);
  }

  delete(hash: ArrayLike<number>): void {
    const segment = this.segmentOf(hash);
    const place = segment.placeOf(hash, 0);
    if (segment.words[place + secondAt] !== 0) segment.remove(place);
  }

  get size(): number {
    return this.segments.reduce((sum, { used }) => sum + used, 0);
  }

  clear(): void {
    this.segments = Array.from({ length: segmentCount }, () => new Segment());
  }
}
