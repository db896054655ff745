import type { ChunkReader } from '../split/chunk-reader.ts';
import { createInflater, slicesOf, type InflatedChunks } from './inflate.ts';

export interface ZipMember {
  readonly name: string;
  /** To be read whole before the next member; null = it cannot be read, and neither can what follows it. */
  readonly chunks: InflatedChunks | null;
}

const localHeader = 0x04034b50;
const descriptor = 0x08074b50;
const headerBytes = 30;
const wholeSize = 0xffffffff;

const isDirectory = (head: Buffer): boolean =>
  head.length >= 4 && [0x02014b50, 0x06054b50, 0x06064b50, 0x08064b50].includes(head.readUInt32LE(0));

interface Header {
  readonly name: string;
  readonly method: number;
  readonly isEncrypted: boolean;
  /** Null = told only after the data. */
  readonly compressedBytes: number | null;
  readonly bytes: number;
}

function readHeader(head: Buffer): Header | null {
  if (head.length < headerBytes || head.readUInt32LE(0) !== localHeader) return null;
  const flags = head.readUInt16LE(6);
  const nameBytes = head.readUInt16LE(26);
  const extraBytes = head.readUInt16LE(28);
  const size = head.readUInt32LE(18);
  const isStreamed = (flags & 8) !== 0;
  return {
    name: head.toString('utf8', headerBytes, headerBytes + nameBytes),
    method: head.readUInt16LE(8),
    isEncrypted: (flags & 1) !== 0,
    compressedBytes: isStreamed || size === wholeSize ? null : size,
    bytes: headerBytes + nameBytes + extraBytes,
  };
}

/** Takes so many bytes from the reader, in pieces. */
async function* takeBytes(reader: ChunkReader, bytes: number): AsyncGenerator<Buffer> {
  let left = bytes;
  while (left > 0) {
    const chunk = await reader.next();
    if (chunk === null) return;
    if (chunk.length > left) reader.unread(chunk.subarray(left));
    const given = chunk.subarray(0, left);
    left -= given.length;
    yield given;
  }
}

const discard = async (chunks: AsyncIterable<Buffer>): Promise<void> => {
  for await (const _ of chunks);
};

/** What a streamed member ends with: check sum and sizes, with or without a signature. */
async function skipDescriptor(reader: ChunkReader): Promise<void> {
  const head = await reader.peek(24);
  const signature = head.length >= 4 && head.readUInt32LE(0) === descriptor ? 4 : 0;
  // Sizes have 8 bytes in a zip of the 64-bit kind: then the next header is found 8 bytes later.
  const next = (at: number): boolean => head.length >= at + 2 && head.toString('latin1', at, at + 2) === 'PK';
  await discard(takeBytes(reader, next(signature + 12) || head.length < signature + 22 ? signature + 12 : signature + 20));
}

/** Inflates until the compressed data end by themselves; what was read beyond goes back. */
async function* inflateToEnd(reader: ChunkReader, onFailed: () => void): AsyncGenerator<Buffer> {
  const inflater = createInflater('raw');
  try {
    for (let chunk = await reader.next(); chunk !== null; chunk = await reader.next()) {
      let used = 0;
      for (const slice of slicesOf(chunk)) {
        const { chunks, ended, surplus, failed } = await inflater.push(slice);
        yield* chunks;
        used += slice.length - surplus;
        if (failed) return onFailed();
        if (ended) {
          reader.unread(chunk.subarray(used));
          return await skipDescriptor(reader);
        }
      }
    }
    onFailed();
  } finally {
    inflater.close();
  }
}

async function* inflateSized(reader: ChunkReader, bytes: number, onFailed: () => void): AsyncGenerator<Buffer> {
  const inflater = createInflater('raw');
  const source = takeBytes(reader, bytes);
  let isBroken = false;
  let fed = 0;
  try {
    for await (const chunk of source) {
      fed += chunk.length;
      // A damaged member is passed over: the next begins where its size says.
      if (!isBroken)
        for (const slice of slicesOf(chunk)) {
          const { chunks, failed } = await inflater.push(slice);
          yield* chunks;
          isBroken ||= failed;
        }
    }
    const last = await inflater.end();
    yield* last.chunks;
    if (isBroken || last.failed || fed < bytes) onFailed();
  } finally {
    inflater.close();
  }
}

async function* storedBytes(reader: ChunkReader, bytes: number, onFailed: () => void): AsyncGenerator<Buffer> {
  let taken = 0;
  for await (const chunk of takeBytes(reader, bytes)) {
    taken += chunk.length;
    yield chunk;
  }
  if (taken < bytes) onFailed();
}

function chunksOf(reader: ChunkReader, { method, isEncrypted, compressedBytes }: Header): InflatedChunks | null {
  let failed = false;
  const onFailed = (): void => void (failed = true);
  if (isEncrypted || (method !== 8 && (method !== 0 || compressedBytes === null))) return null;
  const open = (): AsyncGenerator<Buffer> => {
    if (compressedBytes === null) return inflateToEnd(reader, onFailed);
    return method === 8 ? inflateSized(reader, compressedBytes, onFailed) : storedBytes(reader, compressedBytes, onFailed);
  };
  return { failed: () => failed, [Symbol.asyncIterator]: open };
}

/**
 * The members of a zip as they follow each other, without its directory, so that a pipe can be read. Folders are left out. A
 * member that is encrypted or compressed in another way than deflate is told and passed over where its size is known.
 */
export async function* readZipMembers(reader: ChunkReader): AsyncGenerator<ZipMember> {
  for (;;) {
    const head = await reader.peek(headerBytes + 64 * 1024 * 2);
    const header = readHeader(head);
    if (header === null) {
      // The directory at the end, or nothing, or what is no zip any more.
      if (head.length > 0 && !isDirectory(head)) yield { name: '', chunks: null };
      return;
    }
    await discard(takeBytes(reader, header.bytes));
    if (header.name.endsWith('/') && header.compressedBytes === 0) continue;
    const chunks = chunksOf(reader, header);
    yield { name: header.name, chunks };
    if (chunks !== null) continue;
    if (header.compressedBytes === null) return;
    await discard(takeBytes(reader, header.compressedBytes));
  }
}
