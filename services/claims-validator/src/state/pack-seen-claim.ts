import { compileWriter, createPackedValues, schemas, type SeenClaim } from '@vigil/contracts';
import type { PackedKeys, Packing } from '@vigil/kafka';

// A claim id is never forgotten, so each costs memory for ever: a hash is kept as its 16 bytes, one a character.
const digits = 32;
const hashBytes = 16;
const scratch = Buffer.alloc(hashBytes);
const isHash = (text: string): boolean => text.length === digits && /^[\da-f]+$/.test(text);

/** Of 32 hexadecimal digits, which may be part of a longer string, 16 characters that are part of none. */
function packHash(hash: string): string {
  scratch.write(hash, 'hex');
  return scratch.toString('latin1');
}

function unpackHash(packed: string, from = 0): string {
  scratch.write(packed.slice(from, from + hashBytes), 'latin1');
  return scratch.toString('hex');
}

/** Before what is no hash; no byte is as large. */
const asItIs = '\u0100';

/** Hashes as bytes; any other key as it is. */
export const hashKeys: PackedKeys = {
  pack: (key) => (isHash(key) ? packHash(key) : asItIs + key),
  unpack: (packed) => (packed.startsWith(asItIs) ? packed.slice(1) : unpackHash(packed)),
};

const otherwise = createPackedValues<SeenClaim>(schemas.seenClaim);
const write = compileWriter<SeenClaim>(schemas.seenClaim);

/** Whether there is an original, how many others, then all hashes. */
function pack(seen: SeenClaim): string {
  const { original, others, bytes } = seen;
  const hashes = [...(original === null ? [] : [original]), ...others, ...bytes];
  if (others.length > 0xff || !hashes.every(isHash)) return asItIs + otherwise.pack(seen);
  const text = String.fromCharCode(original === null ? 0 : 1, others.length) + hashes.map(packHash).join('');
  // A joined string keeps its parts until it is read.
  return Buffer.from(text, 'latin1').toString('latin1');
}

function unpack(packed: string): SeenClaim {
  if (packed.startsWith(asItIs)) return otherwise.unpack(packed.slice(1));
  const hashes: string[] = [];
  for (let from = 2; from < packed.length; from += hashBytes) hashes.push(unpackHash(packed, from));
  const others = packed.charCodeAt(0) + packed.charCodeAt(1);
  return {
    original: packed.charCodeAt(0) === 0 ? null : (hashes[0] as string),
    others: hashes.slice(packed.charCodeAt(0), others),
    bytes: hashes.slice(others),
  };
}

/** What came under a claim id, in 125 bytes of memory with key and map, where objects took 445; what is no hash stays what it is. */
export const seenClaimPacking: Packing<SeenClaim> = {
  keys: hashKeys,
  values: { pack, unpack, write: (packed, sink) => write(unpack(packed), sink) },
};
