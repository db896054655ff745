import { VigilError } from '@vigil/core';
import { decodeText, detectEncoding, type Encoding } from './decode-text.ts';
import { isTable, type FileFeed } from './file-feed.ts';
import { openContent, type ContentMember } from './open-content.ts';
import { readCsv } from './read-csv.ts';
import { readItems, type ReadableFile, type ReadItemsOptions } from './read-items.ts';

/** What a manifest announces; what it leaves out is not compared. */
export interface Manifest {
  readonly bytes?: number;
  readonly sha256?: string;
  readonly records?: number;
}

export interface FileToVerify {
  readonly path: string;
  readonly bytes: number;
  readonly sha256: string;
  readonly fileId: string;
}

/** @throws VigilError BAD_MANIFEST */
export function parseManifest(text: string): Manifest {
  const refuse = (detail: string, cause?: unknown): never => {
    throw new VigilError('BAD_MANIFEST', { detail, cause });
  };
  let told: unknown;
  try {
    told = JSON.parse(text);
  } catch (cause) {
    refuse('It is not JSON.', cause);
  }
  if (typeof told !== 'object' || told === null) return refuse('It is no object.');
  const { bytes, sha256, records } = told as Record<string, unknown>;
  const isCount = (value: unknown): boolean => value === undefined || (Number.isSafeInteger(value) && (value as number) >= 0);
  if (!isCount(bytes) || !isCount(records)) refuse('bytes and records are whole numbers.');
  if (sha256 !== undefined && !(typeof sha256 === 'string' && /^[0-9a-f]{64}$/i.test(sha256))) refuse('sha256 has 64 hexadecimal digits.');
  return {
    ...(bytes !== undefined && { bytes: bytes as number }),
    ...(sha256 !== undefined && { sha256: (sha256 as string).toLowerCase() }),
    ...(records !== undefined && { records: records as number }),
  };
}

const announced = (what: string, told: number | string | undefined, found: number | string): void => {
  if (told !== undefined && told !== found)
    throw new VigilError('FILE_NOT_AS_ANNOUNCED', { detail: `Of ${what} it announces ${told}, found ${found}.` });
};

/** Reads a text to its end. @returns whether there is more in it than space */
async function drain(chunks: AsyncIterable<Buffer>): Promise<boolean> {
  let isFilled = false;
  for await (const chunk of chunks) isFilled ||= chunk.some((byte) => byte > 0x20);
  return isFilled;
}

/** A row and a bit of any encoding: by then the header is read, or refused as too large. */
const mostHeadBytes = 2 * 1024 * 1024 + 64 * 1024;
const leastHeadBytes = 4096;

/**
 * Looks at the beginning of a text before, and keeps it while, the whole is read: one pass is enough, however many
 * members an archive has.
 */
async function keepHead(chunks: AsyncIterable<Buffer>): Promise<{ readonly head: Buffer[]; readonly whole: AsyncIterable<Buffer> }> {
  const iterator = chunks[Symbol.asyncIterator]();
  const head: Buffer[] = [];
  let bytes = 0;
  const next = async (): Promise<IteratorResult<Buffer>> => {
    const read = await iterator.next();
    if (read.done || bytes >= mostHeadBytes) return read;
    head.push(read.value);
    bytes += read.value.length;
    return read;
  };
  let last = await next();
  while (!last.done && bytes < leastHeadBytes) last = await next();
  async function* whole(): AsyncGenerator<Buffer> {
    yield* head.slice();
    if (last.done) return;
    for (let read = await next(); !read.done; read = await next()) yield read.value;
  }
  return { head, whole: whole() };
}

/** Where a kept beginning is at its end: what is read by then is enough. */
const headEnd = new Error('the end of what was kept');

async function checkHeader(head: readonly Buffer[], encoding: Encoding, { csv }: FileFeed): Promise<void> {
  async function* kept(): AsyncGenerator<Buffer> {
    let bytes = 0;
    for (const chunk of head) {
      bytes += chunk.length;
      yield chunk;
    }
    if (bytes >= mostHeadBytes) throw headEnd;
  }
  try {
    for await (const _ of readCsv(decodeText(kept(), encoding), csv)) return;
  } catch (error) {
    if (error !== headEnd) throw error;
  }
}

/** A member of the file, opened anew: each pass reads from its beginning. */
async function* memberAt(file: FileToVerify, { limits }: FileFeed, index: number): AsyncGenerator<Buffer> {
  let at = 0;
  for await (const { chunks } of openContent(file.path, file.bytes, limits)) {
    if (at++ === index) return yield* chunks;
    for await (const _ of chunks);
  }
}

/** The encoding of one member, read to its end; of a table its header, too. */
async function verifyText(
  member: ContentMember,
  index: number,
  file: FileToVerify,
  feed: FileFeed,
): Promise<{ encoding: Encoding; isFilled: boolean }> {
  const { head, whole } = await keepHead(member.chunks);
  const marked = detectEncoding(Buffer.concat(head).subarray(0, leastHeadBytes));
  const encoding = marked ?? (feed.encoding === 'auto' ? 'utf-8' : feed.encoding);
  const verified = async (as: Encoding, text: AsyncIterable<Buffer>): Promise<{ encoding: Encoding; isFilled: boolean }> => {
    const isFilled = await drain(decodeText(text, as));
    if (isTable(feed) && isFilled) await checkHeader(head, as, feed);
    return { encoding: as, isFilled };
  };
  try {
    return await verified(encoding, whole);
  } catch (error) {
    const mayBeOther = feed.encoding === 'auto' && marked === null && error instanceof VigilError && error.code === 'BAD_ENCODING';
    if (!mayBeOther) throw error;
    for await (const _ of member.chunks);
    return verified('windows-1252', memberAt(file, feed, index));
  }
}

/**
 * Reads a staged file once, before anything of it is published: whether its archive is sound and bounded, its text of its
 * encoding, its header complete, and whether it is what its manifest says.
 *
 * @throws VigilError EMPTY_FILE, BAD_ARCHIVE, ARCHIVE_TOO_LARGE, BAD_ENCODING, MISSING_COLUMN, BAD_CSV, FILE_NOT_AS_ANNOUNCED
 */
export async function verifyFile(file: FileToVerify, options: ReadItemsOptions, manifest: Manifest): Promise<ReadableFile> {
  const { feed } = options;
  announced('bytes', manifest.bytes, file.bytes);
  announced('its sha256', manifest.sha256, file.sha256);
  const found: Encoding[] = [];
  let isFilled = false;
  for await (const member of openContent(file.path, file.bytes, feed.limits)) {
    if (feed.content === 'claims') {
      isFilled = (await drain(member.chunks)) || isFilled;
      continue;
    }
    const text = await verifyText(member, found.length, file, feed);
    found.push(text.encoding);
    isFilled ||= text.isFilled;
  }
  if (!isFilled) throw new VigilError('EMPTY_FILE');
  const readable = { path: file.path, bytes: file.bytes, fileId: file.fileId, encodings: found };
  if (manifest.records !== undefined) {
    let records = 0;
    for await (const _ of readItems(readable, { ...options, onAcknowledgement: async () => {} }, null)) records++;
    announced('records', manifest.records, records);
  }
  return readable;
}
