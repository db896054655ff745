import { gunzip, type InflatedChunks } from '../archive/inflate.ts';
import { readZipMembers } from '../archive/read-zip-members.ts';
import { claimColumnOf, isRifHeader, splitRif } from '../cms/split-rif.ts';
import { layoutWindowBytes, splitJson } from '../json/split-json.ts';
import { splitX12 } from '../x12/split-x12.ts';
import { createChunkReader, type ChunkReader } from './chunk-reader.ts';
import { createRejection } from './create-rejection.ts';
import { finding, type Batches, type Chunks, type Finding, type Piece, type SplitOptions } from './piece.ts';

const none = Buffer.alloc(0);
const byteOrderMark = Buffer.of(0xef, 0xbb, 0xbf);
const gzipMagic = Buffer.of(0x1f, 0x8b);
const zipMagic = Buffer.from('PK');

export type InputFormat = 'json' | 'x12' | 'cms-rif' | 'unknown';

/** What an input is, by its first bytes, without a byte-order mark. */
export function detectFormat(head: Buffer): InputFormat {
  const text = head.toString('latin1').trimStart();
  const first = text[0];
  if (first === '{' || first === '[') return 'json';
  if (/^(ISA|GS|ST|BHT)[^A-Za-z0-9 ]/.test(text)) return 'x12';
  return isRifHeader(text.split('\n', 1)[0] ?? '') ? 'cms-rif' : 'unknown';
}

async function* rejectAll(reader: ChunkReader, options: SplitOptions, found: Finding): Batches {
  const of = { options, offset: reader.offset(), line: 1, format: 'unknown', scope: 'file', interchangeControl: null } as const;
  const rejection = createRejection({ ...of, findings: [found], acknowledgement: none });
  for await (const chunk of reader.rest()) yield rejection.add(chunk);
  yield [rejection.end(0)];
}

async function* splitPlain(chunks: Chunks, options: SplitOptions): Batches {
  const reader = createChunkReader(chunks);
  const start = await reader.peek(byteOrderMark.length);
  if (start.subarray(0, 3).equals(byteOrderMark)) reader.unread(((await reader.next()) as Buffer).subarray(3));
  const head = (await reader.peek(layoutWindowBytes)).subarray(0, layoutWindowBytes);
  if (head.toString('latin1').trim() === '' && head.length < layoutWindowBytes) return;
  const format = detectFormat(head);
  if (format === 'json') yield* splitJson(reader, options);
  else if (format === 'x12') yield* splitX12(reader, options);
  else if (format === 'unknown') yield* rejectAll(reader, options, finding('UNKNOWN_FORMAT', 'neither JSON, X12 nor RIF'));
  else if (claimColumnOf(head.toString('latin1').split('\n', 1)[0] ?? '') < 0)
    yield* rejectAll(reader, options, finding('NOT_A_CLAIM', 'rows without a claim id'));
  else yield* splitRif(reader, options);
}

/** Cut off by a fault of the compression: what came before it was split, the file as such is told. */
const corrupt = (options: SplitOptions): Piece => {
  const of = { options, offset: 0, line: null, format: 'unknown', scope: 'file', interchangeControl: null } as const;
  return createRejection({
    ...of,
    findings: [finding('BAD_ARCHIVE', 'the compressed data are damaged or break off')],
    acknowledgement: none,
  }).end(0);
};

async function* splitCompressed(chunks: InflatedChunks, options: SplitOptions): Batches {
  yield* splitPlain(chunks, options);
  if (chunks.failed()) yield [corrupt(options)];
}

/** Like `splitClaims`, with the pieces in the handfuls in which they are found. */
export async function* splitClaimBatches(chunks: Chunks, options: SplitOptions): Batches {
  const reader = createChunkReader(chunks);
  const head = await reader.peek(4);
  if (head.subarray(0, 2).equals(gzipMagic)) return yield* splitCompressed(gunzip(reader.rest()), options);
  if (!head.subarray(0, 2).equals(zipMagic)) return yield* splitPlain(reader.rest(), options);
  for await (const member of readZipMembers(reader)) {
    const own = { ...options, source: `${options.source}/${member.name}` };
    if (member.chunks === null) yield [corrupt(own)];
    else yield* splitCompressed(member.chunks, own);
  }
}

/**
 * Takes one input apart into claims and rejections, in the order in which they stand in it, in constant memory: its format
 * is told by its content; gzip and the members of a zip are looked into. Every claim in it is either given or counted in the
 * `claims` of a rejection.
 *
 * @throws only what reading `chunks` or the hold throws
 */
export async function* splitClaims(chunks: Chunks, options: SplitOptions): AsyncGenerator<Piece> {
  for await (const batch of splitClaimBatches(chunks, options)) yield* batch;
}
