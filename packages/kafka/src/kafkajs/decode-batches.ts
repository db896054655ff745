import type { FetchedRecords } from '../ports/kafka-client.ts';
import { codecMask, controlFlag, readBatchHeader, transactionalFlag, type BatchHeader } from './batch-header.ts';
import { decompress } from './codecs.ts';
import { LeanRecords } from './lean-records.ts';

/** A transaction that was aborted within what was fetched. */
export interface AbortedTransaction {
  readonly producerId: number;
  readonly firstOffset: number;
}

export interface DecodedBatches {
  readonly records: FetchedRecords;
  /** Past everything that was complete, control markers and aborted records included. */
  readonly nextOffset: number;
  /** Bytes that the records keep in memory. */
  readonly bytes: number;
}

/** Which producers' records are to be skipped, as the fetched offsets pass by. */
function followAborts(aborted: readonly AbortedTransaction[]): {
  enter(lastOffset: number): void;
  has(producerId: number): boolean;
  leave(producerId: number): void;
} {
  const waiting = aborted.toSorted((a, b) => a.firstOffset - b.firstOffset);
  const active = new Set<number>();
  let next = 0;
  return {
    enter(lastOffset) {
      for (let first = waiting[next]; first && first.firstOffset <= lastOffset; first = waiting[++next]) active.add(first.producerId);
    },
    has: (producerId) => active.has(producerId),
    leave: (producerId) => void active.delete(producerId),
  };
}

const abortMarker = 0;

const isAbortMarker = (buffer: Buffer, { recordsAt }: BatchHeader): boolean => {
  // One record: length, attributes, timestamp delta, offset delta (one byte each), key length, then version and type.
  let at = recordsAt;
  for (let field = 0; field < 5; field++) while ((buffer[at++] ?? 0) & 0x80);
  return buffer.readInt16BE(at + 2) === abortMarker;
};

/**
 * Decodes fetched record batches without an object per record or field: offsets are numbers, keys and values views that
 * are made, like headers, when they are asked for. Verifies every checksum.
 *
 * @param from  records before this offset are left out: a batch may begin before the position that was asked for
 * @throws VigilError CORRUPT_BATCH, UNSUPPORTED_CODEC
 */
export async function decodeBatches(buffer: Buffer, from: number, aborted: readonly AbortedTransaction[]): Promise<DecodedBatches> {
  const aborts = followAborts(aborted);
  const records = new LeanRecords();
  let nextOffset = from;
  let kept = 0;
  for (let at = 0; ;) {
    const header = readBatchHeader(buffer, at);
    if (!header) return { records, nextOffset, bytes: kept };
    at = header.end;
    nextOffset = Math.max(nextOffset, header.lastOffset + 1);
    aborts.enter(header.lastOffset);
    if (header.attributes & controlFlag) {
      if (header.count > 0 && isAbortMarker(buffer, header)) aborts.leave(header.producerId);
      continue;
    }
    if (header.attributes & transactionalFlag && aborts.has(header.producerId)) continue;
    const bytes = buffer.subarray(header.recordsAt, header.end);
    const codec = header.attributes & codecMask;
    const plain = codec === 0 ? bytes : await decompress(codec, bytes);
    kept += plain.length;
    records.append(plain, header, from);
  }
}
