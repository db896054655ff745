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
  /** Changes the compressed bytes. */
  readonly damage?: (bytes: Buffer) => Buffer;
}

function entryBytes({ name, content, method = 'deflate', streamed = false, signed = true, encrypted = false, damage }: ZipEntry): Buffer {
  const plain = method === 'deflate' ? deflateRawSync(content) : content;
  const data = damage ? damage(plain) : plain;
  const sizes = Buffer.alloc(12);
  sizes.writeUInt32LE(crc32(content), 0);
  sizes.writeUInt32LE(data.length, 4);
  sizes.writeUInt32LE(content.length, 8);
  const head = Buffer.alloc(30);
  head.writeUInt32LE(0x04034b50, 0);
  head.writeUInt16LE(20, 4);
  head.writeUInt16LE((streamed ? 8 : 0) | (encrypted ? 1 : 0), 6);
  head.writeUInt16LE(method === 'deflate' ? 8 : 0, 8);
  if (!streamed) sizes.copy(head, 14);
  head.writeUInt16LE(Buffer.byteLength(name), 26);
  const descriptor = streamed ? [...(signed ? [Buffer.from([0x50, 0x4b, 7, 8])] : []), sizes] : [];
  return Buffer.concat([head, Buffer.from(name), data, ...descriptor]);
}

/** A zip of the entries, with as much of a directory as a reader from the front needs: its beginning. */
export const aZip = (...entries: readonly ZipEntry[]): Buffer =>
  Buffer.concat([...entries.map(entryBytes), Buffer.from([0x50, 0x4b, 1, 2]), Buffer.alloc(60)]);
