import { dlqTopicOf, type BatchProgressed } from '@vigil/contracts';
import type { SinkBatch, SinkRecord, SinkSlice, SliceEffects } from './sink-target.ts';

type Tally = { -readonly [Field in keyof BatchProgressed]: BatchProgressed[Field] };

const dispositionOf = (record: SinkRecord, { duplicates, suppressed }: SliceEffects): 'processed' | 'duplicate' | 'suppressed' => {
  if (duplicates?.has(record)) return 'duplicate';
  return suppressed?.has(record) ? 'suppressed' : 'processed';
};

function rowsOfSlice(batch: SinkBatch, slice: SinkSlice, effects: SliceEffects): readonly BatchProgressed[] {
  const rows = new Map<string | null, Tally>();
  const count = (batchId: string | null, offset: number, disposition: 'processed' | 'duplicate' | 'suppressed' | 'rejected'): void => {
    let row = rows.get(batchId);
    if (!row) rows.set(batchId, (row = emptyRow(batch, slice, batchId, offset)));
    row.firstOffset = Math.min(row.firstOffset, offset);
    row.lastOffset = Math.max(row.lastOffset, offset);
    row.consumed++;
    row[disposition]++;
  };
  for (const record of slice.records) count(record.batchId, record.offset, dispositionOf(record, effects));
  for (const { batchId, offset } of slice.rejected) count(batchId, offset, 'rejected');

  const quarantine = dlqTopicOf(slice.of.name, batch.sink);
  const [first] = rows.values();
  if (first) first.outputs = { ...effects.outputs };
  for (const row of rows.values()) if (row.rejected > 0) row.outputs = { ...row.outputs, [quarantine]: row.rejected };
  return [...rows.values()];
}

const emptyRow = (batch: SinkBatch, slice: SinkSlice, batchId: string | null, offset: number): Tally => ({
  stage: batch.sink,
  subStage: '',
  topic: slice.topic,
  partition: slice.partition,
  firstOffset: offset,
  lastOffset: offset,
  batchId,
  consumed: 0,
  processed: 0,
  late: 0,
  lateCorrected: 0,
  duplicate: 0,
  rejected: 0,
  suppressed: 0,
  outputs: {},
  tablePositions: {},
  committedAt: batch.nowMs,
});

/**
 * The ledger rows of a batch: one per source partition and batch id, none where only a position moved.
 *
 * The rows written to tables stand in the first row of their slice: tables hold no batch id, only their sum is meant.
 *
 * @param effects  one per slice of the batch, in order
 */
export const ledgerRowsOf = (batch: SinkBatch, effects: readonly SliceEffects[]): readonly BatchProgressed[] =>
  batch.slices.flatMap((slice, index) => rowsOfSlice(batch, slice, effects[index] ?? { outputs: {} }));
