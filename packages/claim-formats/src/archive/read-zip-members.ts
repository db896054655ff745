import { crc32 } from 'node:zlib';
import type { ChunkReader } from '../split/chunk-reader.ts';
import { createInflater, slicesOf, type InflatedChunks } from './inflate.ts';
import { descriptorWindow, longestHeader, readDescriptor, readZipHeader, type ContentSum, type ZipHeader } from './zip-header.ts';

export interface ZipMember {
  readonly name: string;
  /** To be read whole before the next member; null = it cannot be read, and neither can what follows it. */
  readonly chunks: InflatedChunks | null;
}

const isDirectory = (head: Buffer): boolean =>
  head.length >= 4 && [0x02014b50, 0x06054b50, 0x06064b50, 0x08064b50].includes(head.readUInt32LE(0));

/** Sums up content while it goes by. */
function createContentCheck() {
  let crc = 0;
  let bytes = 0;
  return {
    add(chunk: Buffer): void {
      crc = crc32(chunk, crc);
      bytes += chunk.length;
    },
    isOf: (told: ContentSum | null): boolean => told !== null && told.crc === crc && told.bytes === bytes % 2 ** 32,
  };
}

/** A member whose content is taken, and whom to tell that it is not what it was. */
interface Taking {
  readonly content: ContentSum | null;
  readonly onFailed: () => void;
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

/** Reads what a streamed member ends with; null = it breaks off. */
async function takeDescriptor(reader: ChunkReader): Promise<ContentSum | null> {
  const told = readDescriptor((await reader.peek(descriptorWindow)).subarray(0, descriptorWindow));
  await discard(takeBytes(reader, told?.bytes ?? descriptorWindow));
  return told?.content ?? null;
}

/** Inflates until the compressed data end by themselves; what was read beyond goes back. */
async function* inflateToEnd(reader: ChunkReader, { onFailed }: Taking): AsyncGenerator<Buffer> {
  const inflater = createInflater('raw');
  const check = createContentCheck();
  try {
    for (let chunk = await reader.next(); chunk !== null; chunk = await reader.next()) {
      let used = 0;
      for (const slice of slicesOf(chunk)) {
        const { chunks, ended, surplus, failed } = await inflater.push(slice);
        for (const inflated of chunks) check.add(inflated);
        yield* chunks;
        used += slice.length - surplus;
        if (failed) return onFailed();
        if (ended) {
          reader.unread(chunk.subarray(used));
          if (!check.isOf(await takeDescriptor(reader))) onFailed();
          return;
        }
      }
    }
    onFailed();
  } finally {
    inflater.close();
  }
}

async function* inflateSized(reader: ChunkReader, bytes: number, { content, onFailed }: Taking): AsyncGenerator<Buffer> {
  const inflater = createInflater('raw');
  const check = createContentCheck();
  let isBroken = false;
  try {
    for await (const chunk of takeBytes(reader, bytes)) {
      // A damaged member is passed over: the next begins where its size says.
      if (!isBroken)
        for (const slice of slicesOf(chunk)) {
          const { chunks, failed } = await inflater.push(slice);
          for (const inflated of chunks) check.add(inflated);
          yield* chunks;
          isBroken ||= failed;
        }
    }
    const last = await inflater.end();
    for (const inflated of last.chunks) check.add(inflated);
    yield* last.chunks;
    if (isBroken || last.failed || !check.isOf(content)) onFailed();
  } finally {
    inflater.close();
  }
}

async function* storedBytes(reader: ChunkReader, bytes: number, { content, onFailed }: Taking): AsyncGenerator<Buffer> {
  const check = createContentCheck();
  for await (const chunk of takeBytes(reader, bytes)) {
    check.add(chunk);
    yield chunk;
  }
  if (!check.isOf(content)) onFailed();
}

function chunksOf(reader: ChunkReader, { method, isEncrypted, compressedBytes, content }: ZipHeader): InflatedChunks | null {
  let failed = false;
  const taking = { content, onFailed: (): void => void (failed = true) };
  if (isEncrypted || (method !== 8 && (method !== 0 || compressedBytes === null))) return null;
  const open = (): AsyncGenerator<Buffer> => {
    if (compressedBytes === null) return inflateToEnd(reader, taking);
    return method === 8 ? inflateSized(reader, compressedBytes, taking) : storedBytes(reader, compressedBytes, taking);
  };
  return { failed: () => failed, [Symbol.asyncIterator]: open };
}

/**
 * The members of a zip as they follow each other, without its directory, so that a pipe can be read. Folders are left out.
 * Content that is not that of its check sum is told once it was given. A member that is encrypted or compressed in another way than deflate is told and passed over where its size is known.
 */
export async function* readZipMembers(reader: ChunkReader): AsyncGenerator<ZipMember> {
  for (;;) {
    const head = await reader.peek(longestHeader);
    const header = readZipHeader(head);
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
