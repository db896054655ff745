const chunkBytes = 1 << 20;
/** A row that becomes a little longer still fits into its place: its times and counts grow by a digit now and then. */
const roomFor = (length: number): number => (length + 31) & ~31;
const leastRows = 1024;

/** No row. */
export const noRow = -1;

/** A row in something larger: the patient's token, and behind it the value. */
export interface LyingRow {
  readonly bytes: Buffer;
  readonly tokenFrom: number;
  readonly tokenTo: number;
  readonly from: number;
  readonly to: number;
}

interface Chunk {
  readonly bytes: Buffer;
  /** Rows that lie in it. */
  rows: number;
}

const wider = <Numbers extends Int32Array | Float64Array>(numbers: Numbers, into: Numbers): Numbers => {
  into.set(numbers);
  return into;
};

/**
 * Rows of patients as bytes, by number, in few large pieces of memory: a million of them are nothing to the garbage
 * collector. The rows of one patient are a chain. What is removed makes room only when its whole piece is empty.
 */
export class KeptRows {
  #chunks: (Chunk | null)[] = [];
  /** Where the next row goes in the last chunk. */
  #at = 0;
  #chunkOf = new Int32Array(leastRows);
  #begin = new Int32Array(leastRows);
  #tokenLength = new Int32Array(leastRows);
  #valueAt = new Int32Array(leastRows);
  #length = new Int32Array(leastRows);
  #next = new Int32Array(leastRows);
  /** Which of its patient's rows it is; NaN = the number is free. */
  #part = new Float64Array(leastRows);
  #free: number[] = [];
  /** Numbers given out so far. */
  numbers = 0;

  add(row: LyingRow, part: number): number {
    const number = this.#free.pop() ?? this.numbers++;
    if (number === this.#begin.length) this.#grow();
    this.#part[number] = part;
    this.#next[number] = noRow;
    this.#place(number, row.to - row.tokenFrom);
    this.#copy(number, row);
    return number;
  }

  /** Puts newer bytes into the place of a row. */
  replace(number: number, row: LyingRow): void {
    const length = row.to - row.tokenFrom;
    if (length > roomFor(this.#length[number] as number)) {
      this.#leaveChunk(number);
      this.#place(number, length);
    }
    this.#copy(number, row);
  }

  remove(number: number): void {
    this.#leaveChunk(number);
    this.#part[number] = Number.NaN;
    this.#free.push(number);
  }

  next(number: number): number {
    return this.#next[number] as number;
  }

  setNext(number: number, next: number): void {
    this.#next[number] = next;
  }

  /** NaN = there is no such row. */
  part(number: number): number {
    return this.#part[number] as number;
  }

  /** Where the row lies; good until the next change. */
  lying(number: number): LyingRow {
    const { bytes } = this.#chunk(number);
    const tokenFrom = this.#begin[number] as number;
    const tokenTo = tokenFrom + (this.#tokenLength[number] as number);
    return {
      bytes,
      tokenFrom,
      tokenTo,
      from: tokenFrom + (this.#valueAt[number] as number),
      to: tokenFrom + (this.#length[number] as number),
    };
  }

  clear(): void {
    this.#chunks = [];
    this.#at = 0;
    this.#free = [];
    this.numbers = 0;
  }

  #chunk(number: number): Chunk {
    return this.#chunks[this.#chunkOf[number] as number] as Chunk;
  }

  #place(number: number, length: number): void {
    const room = roomFor(length);
    let chunk = this.#chunks.at(-1) ?? null;
    if (chunk === null || this.#at + room > chunk.bytes.length) {
      chunk = { bytes: Buffer.allocUnsafeSlow(Math.max(chunkBytes, room)), rows: 0 };
      this.#chunks.push(chunk);
      this.#at = 0;
    }
    chunk.rows++;
    this.#chunkOf[number] = this.#chunks.length - 1;
    this.#begin[number] = this.#at;
    this.#at += room;
  }

  /** In one piece, as they lie: what is between token and value is a few bytes. */
  #copy(number: number, { bytes, tokenFrom, tokenTo, from, to }: LyingRow): void {
    bytes.copy(this.#chunk(number).bytes, this.#begin[number], tokenFrom, to);
    this.#tokenLength[number] = tokenTo - tokenFrom;
    this.#valueAt[number] = from - tokenFrom;
    this.#length[number] = to - tokenFrom;
  }

  #leaveChunk(number: number): void {
    const chunk = this.#chunk(number);
    if (--chunk.rows === 0) this.#chunks[this.#chunkOf[number] as number] = null;
  }

  #grow(): void {
    const capacity = 2 * this.#begin.length;
    this.#chunkOf = wider(this.#chunkOf, new Int32Array(capacity));
    this.#begin = wider(this.#begin, new Int32Array(capacity));
    this.#tokenLength = wider(this.#tokenLength, new Int32Array(capacity));
    this.#valueAt = wider(this.#valueAt, new Int32Array(capacity));
    this.#length = wider(this.#length, new Int32Array(capacity));
    this.#next = wider(this.#next, new Int32Array(capacity));
    this.#part = wider(this.#part, new Float64Array(capacity));
  }
}
