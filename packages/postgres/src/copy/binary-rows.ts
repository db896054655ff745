import { VigilError } from '@vigil/core';
import { ChunkedBytes, type BytesMark } from './chunked-bytes.ts';

export interface CopyTarget {
  /** A name of the code, never data. */
  readonly table: string;
  readonly columns: readonly string[];
}

/** Signature, flags and length of the extension: COPY's binary format, version of PostgreSQL 7.4 and later. */
const header = Buffer.from('PGCOPY\n\xff\r\n\0\0\0\0\0\0\0\0\0', 'latin1');
const nullSize = -1;
const endOfRows = -1;
const textOid = 25;
/** First byte of jsonb's external form. */
const jsonbVersion = 1;
/** PostgreSQL counts microseconds since 2000-01-01. */
const postgresEpochMs = 946_684_800_000;
/** … and days since then. */
const postgresEpochDay = 10_957;

const notHex = 0xf0;
/** Value of each hexadecimal digit by its character code. */
const nibbles = new Uint8Array(128).fill(notHex);
for (const digit of '0123456789abcdefABCDEF') nibbles[digit.charCodeAt(0)] = Number.parseInt(digit, 16);
const uuidBytes = 16;

/**
 * Rows in COPY's binary format, written value by value in the order of the columns, each by the method of its column's
 * type: PostgreSQL then parses nothing. null is NULL.
 *
 * What a type cannot hold is ROW_REFUSED (poison) with the name of the column, as the database would say, never cut off.
 */
export class BinaryRows {
  readonly target: CopyTarget;
  readonly #out = new ChunkedBytes();
  readonly #id = new Uint8Array(uuidBytes);
  #field: number;
  #count = 0;
  #rowAt: BytesMark;

  constructor(target: CopyTarget) {
    this.target = target;
    this.#field = target.columns.length;
    this.#out.bytes(header);
    this.#rowAt = this.#out.mark();
  }

  /** So many bytes that the target has much to do with them. */
  get bytes(): number {
    return this.#out.length;
  }

  get count(): number {
    return this.#count;
  }

  /** Begins the next row. */
  begin(): void {
    this.#endRow();
    this.#rowAt = this.#out.mark();
    this.#out.int16(this.target.columns.length);
    this.#field = 0;
    this.#count++;
  }

  /** Takes back the row that was begun last, whole or not. */
  discard(): void {
    this.#out.rewind(this.#rowAt);
    this.#field = this.target.columns.length;
    this.#count--;
  }

  int2(value: number | null): void {
    if (this.#isNull(value)) return;
    if ((value << 16) >> 16 !== value) this.#refuse();
    this.#out.int32(2);
    this.#out.int16(value);
  }

  int4(value: number | null): void {
    if (this.#isNull(value)) return;
    if ((value | 0) !== value) this.#refuse();
    this.#out.int32(4);
    this.#out.int32(value);
  }

  int8(value: number | null): void {
    if (this.#isNull(value)) return;
    if (!Number.isSafeInteger(value)) this.#refuse();
    this.#out.int32(8);
    this.#out.int64(value);
  }

  float8(value: number | null): void {
    if (this.#isNull(value)) return;
    this.#out.int32(8);
    this.#out.float64(value);
  }

  bool(value: boolean | null): void {
    if (this.#isNull(value)) return;
    this.#out.int32(1);
    this.#out.byte(value ? 1 : 0);
  }

  text(value: string | null): void {
    if (this.#isNull(value)) return;
    this.#out.sizedText(value);
  }

  textArray(values: readonly string[] | null): void {
    if (this.#isNull(values)) return;
    const sizes = values.map((value) => Buffer.byteLength(value));
    const hasItems = values.length > 0;
    this.#out.int32(12 + (hasItems ? 8 : 0) + sizes.reduce((sum, size) => sum + 4 + size, 0));
    // Dimensions, whether an item is null, type of the items; then length and first index of the only dimension.
    this.#out.int32(hasItems ? 1 : 0);
    this.#out.int32(0);
    this.#out.int32(textOid);
    if (!hasItems) return;
    this.#out.int32(values.length);
    this.#out.int32(1);
    for (const value of values) this.#out.sizedText(value);
  }

  /** @param json  text that is JSON */
  jsonb(json: string | null): void {
    if (this.#isNull(json)) return;
    const bytes = Buffer.from(json, 'utf8');
    this.#out.int32(1 + bytes.length);
    this.#out.byte(jsonbVersion);
    this.#out.bytes(bytes);
  }

  /** @param epochMs  milliseconds since 1970, of the years 1715 to 2285 */
  timestamptz(epochMs: number | null): void {
    if (this.#isNull(epochMs)) return;
    const microseconds = (epochMs - postgresEpochMs) * 1000;
    if (!Number.isSafeInteger(microseconds)) this.#refuse();
    this.#out.int32(8);
    this.#out.int64(microseconds);
  }

  /** @param day  days since 1970-01-01 */
  date(day: number | null): void {
    if (this.#isNull(day)) return;
    const days = day - postgresEpochDay;
    if ((days | 0) !== days) this.#refuse();
    this.#out.int32(4);
    this.#out.int32(days);
  }

  /** @param id  32 hexadecimal digits; version and variant are set as `toUuid` of `@vigil/core` does */
  uuid(id: string | null): void {
    if (this.#isNull(id)) return;
    if (id.length !== 2 * uuidBytes) this.#refuse();
    const bytes = this.#id;
    let seen = 0;
    for (let at = 0; at < uuidBytes; at++) {
      const high = nibbles[id.charCodeAt(2 * at)] ?? notHex;
      const low = nibbles[id.charCodeAt(2 * at + 1)] ?? notHex;
      seen |= high | low;
      bytes[at] = (high << 4) | low;
    }
    if (seen >= notHex) this.#refuse();
    bytes[6] = 0x80 | ((bytes[6] as number) & 0x0f);
    bytes[8] = 0x80 | ((bytes[8] as number) & 0x3f);
    this.#out.int32(uuidBytes);
    this.#out.bytes(bytes);
  }

  /** The whole stream; nothing may be written afterwards. */
  finish(): readonly Buffer[] {
    this.#endRow();
    this.#out.int16(endOfRows);
    return this.#out.take();
  }

  #endRow(): void {
    const { table, columns } = this.target;
    if (this.#field !== columns.length) throw new TypeError(`A row of ${table} has ${this.#field} of ${columns.length} values.`);
  }

  /** Moves to the next column; a null is written at once. */
  #isNull(value: unknown): value is null {
    this.#field++;
    if (value !== null) return false;
    this.#out.int32(nullSize);
    return true;
  }

  #refuse(): never {
    const { table, columns } = this.target;
    throw new VigilError('ROW_REFUSED', { detail: `At ${table}.${columns[this.#field - 1]}.` });
  }
}
