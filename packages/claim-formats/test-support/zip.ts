import { crc32, deflateRawSync } from 'node:zlib';

export interface ZipEntry {
  readonly name: string;
  readonly content: Buffer;
  readonly method?: 'deflate' | 'stored';
  /** Sizes after the data, as a program writes that makes a zip in a pipe. */
  readonly streamed?: boolean;
  /** With a signature before the sizes. */
  readonly signed?: boolean;
  readonly encrypted?: boolean;
  /** With sizes of 64 bits. */
  readonly wide?: boolean;
  /** Changes the check sum that is told. */
  readonly crcMask?: number;
  /** Told to be so much longer than it is. */
  readonly surplus?: number;
  /** Changes the compressed bytes. */
  readonly damage?: (bytes: Buffer) => Buffer;
}

function entryBytes({
  name,
  content,
  method = 'deflate',
  streamed = false,
  signed = true,
  encrypted = false,
  wide = false,
  crcMask = 0,
  surplus = 0,
  damage,
}: ZipEntry): Buffer {
  const plain = method === 'deflate' ? deflateRawSync(content) : content;
  const data = damage ? damage(plain) : plain;
  const sums = Buffer.alloc(4);
  sums.writeUInt32LE((crc32(content) ^ crcMask) >>> 0);
  const sizes = Buffer.alloc(8);
  sizes.writeUInt32LE(data.length, 0);
  sizes.writeUInt32LE(content.length + surplus, 4);
  const wideSizes = Buffer.alloc(16);
  wideSizes.writeUInt32LE(streamed ? data.length : content.length + surplus, 0);
  wideSizes.writeUInt32LE(streamed ? content.length + surplus : data.length, 8);
  const extra = wide && !streamed ? Buffer.concat([Buffer.of(0x55, 0x54, 1, 0, 9), Buffer.of(1, 0, 16, 0), wideSizes]) : Buffer.alloc(0);
  const head = Buffer.alloc(30);
  head.writeUInt32LE(0x04034b50, 0);
  head.writeUInt16LE(20, 4);
  head.writeUInt16LE((streamed ? 8 : 0) | (encrypted ? 1 : 0), 6);
  head.writeUInt16LE(method === 'deflate' ? 8 : 0, 8);
  if (!streamed) sums.copy(head, 14);
  if (!streamed) (wide ? Buffer.alloc(8, 0xff) : sizes).copy(head, 18);
  head.writeUInt16LE(extra.length, 28);
  head.writeUInt16LE(Buffer.byteLength(name), 26);
  const descriptor = streamed ? [...(signed ? [Buffer.from([0x50, 0x4b, 7, 8])] : []), sums, wide ? wideSizes : sizes] : [];
  return Buffer.concat([head, Buffer.from(name), extra, data, ...descriptor]);
}

/** A zip of the entries, with as much of a directory as a reader from the front needs: its beginning. */
export const aZip = (...entries: readonly ZipEntry[]): Buffer =>
  Buffer.concat([...entries.map(entryBytes), Buffer.from([0x50, 0x4b, 1, 2]), Buffer.alloc(60)]);
