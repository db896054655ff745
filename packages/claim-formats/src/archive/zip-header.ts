/** Check sum of a member's content, and its size modulo 2^32. */
export interface ContentSum {
  readonly crc: number;
  readonly bytes: number;
}

/** What stands before a member's data. */
export interface ZipHeader {
  readonly name: string;
  readonly method: number;
  readonly isEncrypted: boolean;
  /** Null = told only after the data. */
  readonly compressedBytes: number | null;
  /** Null = told only after the data. */
  readonly content: ContentSum | null;
  /** Of the header itself. */
  readonly bytes: number;
}

const localHeader = 0x04034b50;
const descriptorMark = 0x08074b50;
const headerBytes = 30;
/** The longest header: name and extra fields take at most 64 KiB each. */
export const longestHeader = headerBytes + 2 * 0xffff;
/** Enough to know a descriptor, and the header after it, by. */
export const descriptorWindow = 28;
/** Stands for a size in an extra field of 64 bits. */
const wholeSize = 0xffffffff;
const wideSizes = 0x0001;

/** The sizes of 64 bits in the extra fields; null = there are none. @see APPNOTE.TXT 4.5.3 */
function readWideSizes(extra: Buffer): { readonly content: number; readonly compressed: number } | null {
  for (let at = 0; at + 4 <= extra.length; at += 4 + extra.readUInt16LE(at + 2)) {
    if (extra.readUInt16LE(at) !== wideSizes || extra.readUInt16LE(at + 2) < 16 || at + 20 > extra.length) continue;
    return { content: Number(extra.readBigUInt64LE(at + 4)), compressed: Number(extra.readBigUInt64LE(at + 12)) };
  }
  return null;
}

/** The header at the start of the bytes; null = there is none. @see APPNOTE.TXT 4.3.7 */
export function readZipHeader(head: Buffer): ZipHeader | null {
  if (head.length < headerBytes || head.readUInt32LE(0) !== localHeader) return null;
  const flags = head.readUInt16LE(6);
  const nameEnd = headerBytes + head.readUInt16LE(26);
  const bytes = nameEnd + head.readUInt16LE(28);
  const isStreamed = (flags & 8) !== 0;
  const [compressed, content] = [head.readUInt32LE(18), head.readUInt32LE(22)];
  const wide = compressed === wholeSize || content === wholeSize ? readWideSizes(head.subarray(nameEnd, bytes)) : null;
  return {
    name: head.toString('utf8', headerBytes, nameEnd),
    method: head.readUInt16LE(8),
    isEncrypted: (flags & 1) !== 0,
    compressedBytes: isStreamed ? null : (wide?.compressed ?? compressed),
    content: isStreamed ? null : { crc: head.readUInt32LE(14), bytes: (wide?.content ?? content) % 2 ** 32 },
    bytes,
  };
}

/**
 * What a streamed member ends with: check sum and sizes, with or without a mark, of 4 or 8 bytes each.
 * @returns null where the bytes end before it does
 * @see APPNOTE.TXT 4.3.9
 */
export function readDescriptor(head: Buffer): { readonly content: ContentSum; readonly bytes: number } | null {
  const mark = head.length >= 4 && head.readUInt32LE(0) === descriptorMark ? 4 : 0;
  if (head.length < mark + 12) return null;
  const next = (at: number): boolean => head.length >= at + 2 && head.toString('latin1', at, at + 2) === 'PK';
  // Sizes have 8 bytes in a zip of the 64-bit kind: then the next header is found 8 bytes later.
  const isWide = !next(mark + 12) && next(mark + 20);
  return {
    content: { crc: head.readUInt32LE(mark), bytes: head.readUInt32LE(mark + (isWide ? 12 : 8)) },
    bytes: mark + (isWide ? 20 : 12),
  };
}
