/** Strings by their bytes: what repeats (keys, units, wards) is decoded once. */
export interface StringTable {
  get(buffer: Buffer, at: number, length: number): string;
}

const maxLength = 64;
const trialReads = 2_048;

/**
 * A bounded table of `slots` places, one string each; a newcomer takes its place from whoever held it.
 * A table whose strings do not repeat (event ids) notices and steps aside.
 */
export function createStringTable(slots = 4_096): StringTable {
  const bytes: (Buffer | undefined)[] = Array.from({ length: slots });
  const strings: string[] = Array.from({ length: slots }, () => '');
  const mask = slots - 1;
  let reads = 0;
  let hits = 0;
  let useful = true;

  const judge = (): void => {
    useful = hits * 2 >= reads;
    reads = 0;
    hits = 0;
  };
  return {
    get(buffer, at, length) {
      if (!useful || length > maxLength) return buffer.toString('utf8', at, at + length);
      let hash = length;
      for (let index = at; index < at + length; index++) hash = (Math.imul(hash, 31) + (buffer[index] as number)) | 0;
      const slot = (hash ^ (hash >>> 15)) & mask;
      if (++reads === trialReads) judge();
      const known = bytes[slot];
      if (known && known.length === length && sameBytes(known, buffer, at)) {
        hits++;
        return strings[slot] as string;
      }
      const text = buffer.toString('utf8', at, at + length);
      bytes[slot] = Buffer.from(buffer.subarray(at, at + length));
      strings[slot] = text;
      return text;
    },
  };
}

function sameBytes(known: Buffer, buffer: Buffer, at: number): boolean {
  for (let index = 0; index < known.length; index++) if (known[index] !== buffer[at + index]) return false;
  return true;
}
