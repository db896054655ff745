import { createReadStream } from 'node:fs';
import { createChunkReader, gunzip, readZipMembers, type InflatedChunks } from '@vigil/claim-formats';
import { VigilError } from '@vigil/core';

/** What an archive may unpack to. */
export interface ContentLimits {
  readonly maxBytes: number;
  /** Times its size; text packs to a twentieth, a bomb to a thousandth. */
  readonly maxRatio: number;
  /** The ratio counts from here on: a small file may well be of one letter. */
  readonly ratioFromBytes: number;
  readonly maxMembers: number;
}

export const usualLimits: ContentLimits = { maxBytes: 64 * 1024 ** 3, maxRatio: 200, ratioFromBytes: 64 * 1024 ** 2, maxMembers: 1_000 };

/** One file, or one of a zip. To be read whole before the next. */
export interface ContentMember {
  /** Empty for a file that is no zip. */
  readonly name: string;
  readonly chunks: AsyncIterable<Buffer>;
}

const readFile = (path: string): AsyncIterable<Buffer> => createReadStream(path, { highWaterMark: 64 * 1024 }) as AsyncIterable<Buffer>;

const badArchive = (detail: string): VigilError => new VigilError('BAD_ARCHIVE', { detail });

/**
 * The content of a staged file: gzip is unpacked, the members of a zip follow each other. What is packed inside of them stays so.
 *
 * @param bytes  of the file
 * @throws VigilError BAD_ARCHIVE, ARCHIVE_TOO_LARGE, while it is read
 */
export async function* openContent(path: string, bytes: number, limits = usualLimits): AsyncGenerator<ContentMember> {
  let unpacked = 0;
  async function* bounded(chunks: InflatedChunks, name: string): AsyncGenerator<Buffer> {
    for await (const chunk of chunks) {
      unpacked += chunk.length;
      if (unpacked > limits.maxBytes || (unpacked > limits.ratioFromBytes && unpacked > bytes * limits.maxRatio))
        throw new VigilError('ARCHIVE_TOO_LARGE', { detail: `More than ${Math.floor(unpacked / 1024 ** 2)} MiB of ${bytes} bytes.` });
      yield chunk;
    }
    if (chunks.failed()) throw badArchive(name === '' ? '' : 'A member is damaged.');
  }

  const reader = createChunkReader(readFile(path));
  const head = await reader.peek(4);
  if (head.length >= 2 && head[0] === 0x1f && head[1] === 0x8b) return yield { name: '', chunks: bounded(gunzip(reader.rest()), '') };
  if (head.subarray(0, 2).toString('latin1') !== 'PK') return yield { name: '', chunks: reader.rest() };
  let members = 0;
  for await (const { name, chunks } of readZipMembers(reader)) {
    if (chunks === null) throw badArchive('A member is encrypted, damaged or packed in another way.');
    if (++members > limits.maxMembers) throw new VigilError('ARCHIVE_TOO_LARGE', { detail: `More than ${limits.maxMembers} members.` });
    yield { name, chunks: bounded(chunks, name) };
  }
}
