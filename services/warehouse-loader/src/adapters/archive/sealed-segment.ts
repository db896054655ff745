import { promisify } from 'node:util';
import { zstdCompress, zstdDecompress } from 'node:zlib';
import { seal, sealContext, unseal, VigilError, type NamedKey } from '@vigil/core';
import { decodeSegment, encodeSegment, type Segment } from '../../domain/segment.ts';
import type { FetchedRecord } from '@vigil/kafka';

const compress = promisify(zstdCompress);
const decompress = promisify(zstdDecompress);

/** Binds a segment to its topic and to its id, so that no file can be put in another's place. */
const contextOf = (topic: string, id: string, keyId: string): string =>
  sealContext({ subject: 'archive.segment', field: topic, owner: id, keyId });

export interface SegmentName {
  readonly id: string;
  readonly topic: string;
}

/** Records as they are stored: compressed, then sealed. */
export async function sealSegment(
  key: NamedKey,
  { id, topic }: SegmentName,
  partition: number,
  records: readonly FetchedRecord[],
): Promise<Buffer> {
  return seal(key, contextOf(topic, id, key.id), await compress(encodeSegment(topic, partition, records)));
}

/** @throws VigilError BAD_SEGMENT where the key is another, or one bit of the file or of its name was changed */
export async function openSegment(key: NamedKey, { id, topic }: SegmentName, sealed: Buffer): Promise<Segment> {
  try {
    return decodeSegment(await decompress(unseal(key, contextOf(topic, id, key.id), sealed)));
  } catch (cause) {
    throw new VigilError('BAD_SEGMENT', { detail: `Segment ${id} of ${topic}.`, cause });
  }
}
