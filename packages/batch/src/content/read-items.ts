import { createReadStream } from 'node:fs';
import { splitClaimBatches, type Piece } from '@vigil/claim-formats';
import { VigilError } from '@vigil/core';
import { createHoldOf } from '../claims/claim-holds.ts';
import type { PositionedItem } from '../job/batch-job.ts';
import type { CsvRow } from '../mappers/mapper-rules.ts';
import { createMessageSplitter } from '../messages/split-messages.ts';
import { decodeText, type Encoding } from './decode-text.ts';
import { isTable, type FileFeed } from './file-feed.ts';
import { openContent } from './open-content.ts';
import { readCsv } from './read-csv.ts';

/** What stands in a file: a row, a message, a piece of an input of claims, or what is none of them. */
export type FileItem =
  | { readonly kind: 'row'; readonly row: CsvRow }
  | { readonly kind: 'message'; readonly bytes: Buffer }
  | { readonly kind: 'piece'; readonly piece: Exclude<Piece, { kind: 'acknowledgement' }> }
  | { readonly kind: 'ragged'; readonly fields: readonly string[]; readonly expected: number }
  | { readonly kind: 'broken'; readonly text: string }
  | { readonly kind: 'too-large' };

type Found = { readonly item: FileItem; readonly line: number; readonly place: string };

/** A staged file, as verification found it. */
export interface ReadableFile {
  readonly path: string;
  readonly bytes: number;
  /** Of each member in their order; of a file that is no zip one. */
  readonly encodings: readonly Encoding[];
  /** Name that rejections of claims tell as their source: an id, no name of a file. */
  readonly fileId: string;
}

export interface ReadItemsOptions {
  readonly feed: FileFeed;
  readonly nowMs: number;
  /** Told of each acknowledgement that the file asks for, each time that its items are read. */
  readonly onAcknowledgement?: (piece: Acknowledgement) => Promise<void>;
}

export type Acknowledgement = Extract<Piece, { kind: 'acknowledgement' }> & {
  /** Among those of its type for its interchange, from 1: the same each time that the file is read. */
  readonly ordinal: number;
};

async function* cutMessages(chunks: AsyncIterable<Buffer>, maxBytes: number): AsyncGenerator<Found> {
  const splitter = createMessageSplitter(maxBytes);
  const foundOf = ({ bytes, line }: { bytes: Buffer | null; line: number }): Found => ({
    item: bytes === null ? { kind: 'too-large' } : { kind: 'message', bytes },
    line,
    place: `line ${line}`,
  });
  for await (const chunk of chunks) for (const message of splitter.push(chunk)) yield foundOf(message);
  for (const message of splitter.end()) yield foundOf(message);
}

async function* cutRows(chunks: AsyncIterable<Buffer>, feed: FileFeed): AsyncGenerator<Found> {
  for await (const item of readCsv(chunks, feed.csv)) yield { item, line: item.line, place: `line ${item.line}` };
}

async function* readMembers({ path, bytes, encodings }: ReadableFile, { feed }: ReadItemsOptions): AsyncGenerator<Found> {
  let member = 0;
  for await (const { name, chunks } of openContent(path, bytes, feed.limits)) {
    const text = decodeText(chunks, encodings[member++] ?? 'utf-8');
    const found = isTable(feed) ? cutRows(text, feed) : cutMessages(text, feed.maxRecordBytes);
    for await (const one of found) yield name === '' ? one : { ...one, place: `member ${member}, ${one.place}` };
  }
}

const isPacked = (head: Buffer): boolean => (head[0] === 0x1f && head[1] === 0x8b) || head.toString('latin1') === 'PK';

async function rereadOf(path: string): Promise<Parameters<typeof createHoldOf>[0]> {
  let head: Buffer = Buffer.alloc(0);
  for await (const chunk of createReadStream(path, { end: 1 })) head = Buffer.concat([head, chunk as Buffer]);
  if (isPacked(head)) return { reread: null };
  return { reread: (start, bytes) => createReadStream(path, { start, end: start + bytes - 1 }) as AsyncIterable<Buffer> };
}

async function* readPieces({ path, fileId }: ReadableFile, { nowMs, onAcknowledgement }: ReadItemsOptions): AsyncGenerator<Found> {
  const chunks = createReadStream(path, { highWaterMark: 64 * 1024 }) as AsyncIterable<Buffer>;
  const ordinals = new Map<string, number>();
  for await (const batch of splitClaimBatches(chunks, { source: fileId, nowMs, openHold: createHoldOf(await rereadOf(path)) })) {
    for (const piece of batch) {
      if (piece.kind === 'acknowledgement') {
        const of = `${piece.interchangeControl} ${piece.type}`;
        const ordinal = (ordinals.get(of) ?? 0) + 1;
        ordinals.set(of, ordinal);
        await onAcknowledgement?.({ ...piece, ordinal });
        continue;
      }
      const { line, segment } = piece.kind === 'claim' ? piece.received : { line: piece.record.line, segment: null };
      yield { item: { kind: 'piece', piece }, line: line ?? 0, place: line === null ? `segment ${segment ?? 0}` : `line ${line}` };
    }
  }
}

/** How many items were read when the position was noted. */
const countOf = (position: string | null): number => {
  const count = Number(position ?? 0);
  if (!Number.isSafeInteger(count) || count < 0) throw new VigilError('BAD_USAGE', { detail: 'The position is none of a file.' });
  return count;
};

/**
 * The items of a staged file from a position on. A position is the number of items before it: packed content has no other
 * place to go on from, and reading over what is done costs a fraction of publishing it.
 *
 * @throws VigilError BAD_ARCHIVE, ARCHIVE_TOO_LARGE, BAD_ENCODING, MISSING_COLUMN, BAD_CSV
 */
export async function* readItems(
  file: ReadableFile,
  options: ReadItemsOptions,
  position: string | null,
): AsyncGenerator<PositionedItem<FileItem>> {
  const done = countOf(position);
  let count = 0;
  for await (const { item, line, place } of options.feed.content === 'claims' ? readPieces(file, options) : readMembers(file, options)) {
    count++;
    if (count > done) yield { item, line, place, position: String(count) };
  }
}
