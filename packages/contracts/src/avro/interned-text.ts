import { isUtf8 } from 'node:buffer';
import { malformed } from './avro-errors.ts';

const slots = 8192;
const longestInterned = 64;
const hashedBytes = 12;
/** Reads after which a site is judged, and how many it then goes without looking up when nothing repeats. */
const trial = 1024;
const rest = 65_536;

/** @throws VigilError MALFORMED_AVRO for invalid UTF-8 */
export function decodeText(bytes: Buffer, start: number, end: number): string {
  if (end - start <= longestInterned) {
    let at = start;
    while (at < end && (bytes[at] as number) < 0x80) at++;
    if (at === end) return bytes.toString('latin1', start, end);
  }
  if (!isUtf8(bytes.subarray(start, end))) malformed('a string is not UTF-8');
  return bytes.toString('utf8', start, end);
}

/** Four bytes as a number. */
const wordAt = (bytes: Buffer, at: number): number =>
  (bytes[at] as number) | ((bytes[at + 1] as number) << 8) | ((bytes[at + 2] as number) << 16) | ((bytes[at + 3] as number) << 24);

/** The last bytes tell identifiers apart better than the first. Four at a time where there are enough: multiplications wait for one another. */
function slotOf(bytes: Buffer, start: number, end: number): number {
  let hash = end - start;
  if (hash >= hashedBytes) for (let at = end - hashedBytes; at < end; at += 4) hash = Math.imul(hash ^ wordAt(bytes, at), 0x9e3779b1);
  else for (let at = start; at < end; at++) hash = Math.imul(hash ^ (bytes[at] as number), 0x01000193);
  // A multiplication moves bits up only; the slot is taken from the lowest.
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  return (hash ^ (hash >>> 13)) & (slots - 1);
}

function equals(text: string, bytes: Buffer, start: number): boolean {
  for (let at = 0; at < text.length; at++) if (text.charCodeAt(at) !== bytes[start + at]) return false;
  return true;
}

/**
 * Decodes the strings of one field, giving the same string object for the same bytes: keys and codes repeat, and a
 * repeated string costs neither an allocation nor a new hash in the maps it is looked up in. Bounded, and it stops
 * looking where nothing repeats (event ids).
 */
export class InternedText {
  readonly #known: (string | undefined)[] = [];
  /** What was found last: many fields hold the same in record after record. */
  #last = '';
  #lookups = 0;
  #hits = 0;
  #resting = 0;

  /** @throws VigilError MALFORMED_AVRO for invalid UTF-8 */
  decode(bytes: Buffer, start: number, end: number): string {
    if (end - start > longestInterned) return decodeText(bytes, start, end);
    if (this.#resting > 0) {
      this.#resting--;
      return decodeText(bytes, start, end);
    }
    this.#judge();
    if (this.#last.length === end - start && equals(this.#last, bytes, start)) {
      this.#hits++;
      return this.#last;
    }
    const slot = slotOf(bytes, start, end);
    const known = this.#find(slot, bytes, start, end) ?? this.#find(slot ^ 1, bytes, start, end);
    if (known === undefined) return this.#remember(slot, decodeText(bytes, start, end), end - start);
    this.#hits++;
    return (this.#last = known);
  }

  #find(slot: number, bytes: Buffer, start: number, end: number): string | undefined {
    const known = this.#known[slot];
    return known !== undefined && known.length === end - start && equals(known, bytes, start) ? known : undefined;
  }

  /** Two slots are one text's: what stands in the first gives way to the second, and is forgotten there. */
  #remember(slot: number, text: string, byteLength: number): string {
    if (this.#known.length === 0) this.#known.length = slots;
    // Only ASCII is interned, so that characters can be compared with bytes.
    if (text.length !== byteLength) return text;
    this.#known[slot ^ 1] = this.#known[slot];
    this.#known[slot] = text;
    return text;
  }

  #judge(): void {
    if (++this.#lookups < trial) return;
    if (this.#hits * 4 < this.#lookups) this.#resting = rest;
    this.#lookups = 0;
    this.#hits = 0;
  }
}
