import { classifyError, type ErrorCode } from '@vigil/core';
import type { SinkBatch, SinkRecord, SinkSlice } from './sink-target.ts';

const recordsIn = ({ slices }: SinkBatch): number => slices.reduce((sum, { records }) => sum + records.length, 0);

/** Cuts a slice before the record at `index`: both halves are whole slices with positions of their own. */
function cutSlice(slice: SinkSlice, index: number): readonly [SinkSlice, SinkSlice] {
  const middle = slice.records[index]?.offset ?? slice.nextOffset;
  return [
    {
      ...slice,
      nextOffset: middle,
      records: slice.records.slice(0, index),
      rejected: slice.rejected.filter(({ offset }) => offset < middle),
    },
    {
      ...slice,
      startOffset: middle,
      records: slice.records.slice(index),
      rejected: slice.rejected.filter(({ offset }) => offset >= middle),
    },
  ];
}

const moves = ({ startOffset, nextOffset }: SinkSlice): boolean => nextOffset > startOffset;

/** Two batches that together are `batch`, the first with `count` of its records. */
export function splitBatch(batch: SinkBatch, count: number): readonly [SinkBatch, SinkBatch] {
  let left = count;
  const halves = batch.slices.map((slice) => {
    const index = Math.min(left, slice.records.length);
    left -= index;
    return cutSlice(slice, index);
  });
  return [
    { ...batch, slices: halves.map(([head]) => head).filter(moves) },
    { ...batch, slices: halves.map(([, tail]) => tail).filter(moves) },
  ];
}

const withoutRecord = (batch: SinkBatch, code: ErrorCode): SinkBatch => ({
  ...batch,
  slices: batch.slices.map((slice) => ({
    ...slice,
    records: [],
    rejected: [...slice.rejected, ...slice.records.map(({ offset, batchId }) => ({ offset, batchId, code }))],
  })),
});

export interface BisectingWriter {
  write(batch: SinkBatch): Promise<void>;
  /** Sends a record to quarantine and resolves after the acknowledgement. */
  refuse(slice: SinkSlice, record: SinkRecord, code: ErrorCode): Promise<void>;
}

/**
 * Writes a batch; where the target refuses it because of a record (a value that a column cannot hold), the batch is
 * halved until that record stands alone, which then goes to quarantine. The others are written.
 */
export async function writeBisecting(batch: SinkBatch, writer: BisectingWriter): Promise<void> {
  try {
    return await writer.write(batch);
  } catch (error) {
    const { kind, code } = classifyError(error);
    const count = recordsIn(batch);
    if (kind !== 'poison' || code === 'UNKNOWN' || count === 0) throw error;
    if (count > 1) {
      const [head, tail] = splitBatch(batch, Math.ceil(count / 2));
      await writeBisecting(head, writer);
      return await writeBisecting(tail, writer);
    }
    for (const slice of batch.slices) for (const record of slice.records) await writer.refuse(slice, record, code);
    return await writer.write(withoutRecord(batch, code));
  }
}
