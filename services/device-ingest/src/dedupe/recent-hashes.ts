const wordsPerHash = 4;
const segmentCount = 256;
const smallestCapacity = 16;

/** Open addressing with linear probing; second 0 marks an empty slot. */
class Segment {
  words = new Uint32Array(smallestCapacity * wordsPerHash);
  seconds = new Uint32Array(smallestCapacity);
  used = 0;

  /** Where the hash stands, or the empty slot where it would. */
  slotOf(hash: ArrayLike<number>): number {
    const { words, seconds } = this;
    const mask = seconds.length - 1;
    const first = hash[0] as number;
    for (let slot = first & mask; ; slot = (slot + 1) & mask) {
      if (seconds[slot] === 0) return slot;
      const at = slot * wordsPerHash;
      if (words[at] === first && words[at + 1] === hash[1] && words[at + 2] === hash[2] && words[at + 3] === hash[3]) return slot;
    }
  }

  put(slot: number, hash: ArrayLike<number>, second: number): void {
    if (this.seconds[slot] === 0) this.used++;
    this.seconds[slot] = second;
    for (let word = 0; word < wordsPerHash; word++) this.words[slot * wordsPerHash + word] = hash[word] as number;
  }

  /** Moves what is at least `oldest` into a table with room for as much again. */
  rebuild(oldest: number): void {
    const { words, seconds } = this;
    const kept = seconds.reduce((count, second) => count + (second >= oldest && second !== 0 ? 1 : 0), 0);
    const capacity = Math.max(smallestCapacity, 2 ** Math.ceil(Math.log2(kept * 2 + 1)));
    this.words = new Uint32Array(capacity * wordsPerHash);
    this.seconds = new Uint32Array(capacity);
    this.used = 0;
    for (let slot = 0; slot < seconds.length; slot++) {
      const second = seconds[slot] as number;
      if (second === 0 || second < oldest) continue;
      const hash = words.subarray(slot * wordsPerHash, (slot + 1) * wordsPerHash);
      this.put(this.slotOf(hash), hash, second);
    }
  }

  /** Empties a slot and closes the gap, so that no later entry of the chain becomes unreachable. */
  remove(slot: number): void {
    const mask = this.seconds.length - 1;
    this.seconds[slot] = 0;
    this.used--;
    for (let next = (slot + 1) & mask; this.seconds[next] !== 0; next = (next + 1) & mask) {
      const second = this.seconds[next] as number;
      const hash = this.words.slice(next * wordsPerHash, (next + 1) * wordsPerHash);
      this.seconds[next] = 0;
      this.used--;
      this.put(this.slotOf(hash), hash, second);
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
    return segment.seconds[segment.slotOf(hash)] as number;
  }

  /** @param oldest  entries of earlier seconds may be forgotten */
  set(hash: ArrayLike<number>, second: number, oldest: number): void {
    const segment = this.segmentOf(hash);
    if (segment.used * 4 >= segment.seconds.length * 3) segment.rebuild(oldest);
    segment.put(segment.slotOf(hash), hash, second);
  }

  delete(hash: ArrayLike<number>): void {
    const segment = this.segmentOf(hash);
    const slot = segment.slotOf(hash);
    if (segment.seconds[slot] !== 0) segment.remove(slot);
  }

  get size(): number {
    return this.segments.reduce((sum, { used }) => sum + used, 0);
  }

  clear(): void {
    this.segments = Array.from({ length: segmentCount }, () => new Segment());
  }
}
