import { crc32c } from '@node-rs/crc32';
import { VigilError } from '@vigil/core';
import { int64At } from './byte-reader.ts';

/** Header of a record batch; `at` is where it begins. */
export interface BatchHeader {
  readonly baseOffset: number;
  readonly lastOffset: number;
  readonly attributes: number;
  readonly firstTimestamp: number;
  readonly maxTimestamp: number;
  readonly producerId: number;
  readonly count: number;
  /** Where the records begin and end. */
  readonly recordsAt: number;
  readonly end: number;
}

const overheadBytes = 12;
const headerBytes = 61;
const magic = 2;
export const codecMask = 0x07;
export const logAppendTimeFlag = 0x08;
export const transactionalFlag = 0x10;
export const controlFlag = 0x20;

/** @returns null where the fetch cut the batch short. @throws VigilError CORRUPT_BATCH */
export function readBatchHeader(buffer: Buffer, at: number): BatchHeader | null {
  if (buffer.length - at < overheadBytes) return null;
  const end = at + overheadBytes + buffer.readInt32BE(at + 8);
  if (end > buffer.length) return null;
  const baseOffset = int64At(buffer, at);
  if (end - at < headerBytes || buffer[at + 16] !== magic) {
    throw new VigilError('CORRUPT_BATCH', { detail: `Offset ${baseOffset} is no record batch of format 2.` });
  }
  if ((crc32c(buffer.subarray(at + 21, end)) | 0) !== buffer.readInt32BE(at + 17)) {
    throw new VigilError('CORRUPT_BATCH', { detail: `Batch at offset ${baseOffset}.` });
  }
  return {
    baseOffset,
    lastOffset: baseOffset + buffer.readInt32BE(at + 23),
    attributes: buffer.readInt16BE(at + 21),
    firstTimestamp: int64At(buffer, at + 27),
    maxTimestamp: int64At(buffer, at + 35),
    producerId: int64At(buffer, at + 43),
    count: buffer.readInt32BE(at + 57),
    recordsAt: at + headerBytes,
    end,
  };
}
