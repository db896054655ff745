import { expect, test } from '@jest/globals';
import { topics } from '@vigil/contracts';
import { VigilError } from '@vigil/core';
import * as fc from 'fast-check';
import { ledgerRowsOf } from './ledger-rows.ts';
import { splitBatch, writeBisecting } from './split-batch.ts';
import { slicesOf, type SinkBatch, type SinkRecord, type SinkSlice } from './sink-target.ts';

const of = topics.identityObserved;

/** Offsets with gaps; some records were rejected before. */
const slice = fc
  .array(fc.record({ gap: fc.nat(3), rejected: fc.boolean(), batchId: fc.constantFrom(null, 'b1') }), { minLength: 1, maxLength: 12 })
  .map((plan): SinkSlice => {
    let offset = 10;
    const records: SinkRecord[] = [];
    const rejected: SinkSlice['rejected'][number][] = [];
    for (const { gap, rejected: isRejected, batchId } of plan) {
      offset += 1 + gap;
      if (isRejected) rejected.push({ offset, batchId, code: 'MALFORMED_AVRO' });
      else records.push({ offset, batchId } as SinkRecord);
    }
    return { topic: of.name, partition: 0, of, epoch: 1, startOffset: 10, nextOffset: offset + 3, records, rejected };
  });
const batch = fc.array(slice, { minLength: 1, maxLength: 3 }).map((slices): SinkBatch => ({
  sink: 'warehouse-loader.operational',
  partition: 0,
  nowMs: 1,
  slices: slices.map((each, index) => ({ ...each, topic: `${each.topic}.${index}` })),
}));

const offsetsIn = (batches: readonly SinkBatch[], topic: string, what: 'records' | 'rejected'): number[] =>
  batches.flatMap(({ slices }) => slices.filter((each) => each.topic === topic).flatMap((each) => each[what].map(({ offset }) => offset)));

test('two halves are the whole: every record and rejection once, positions without a gap', () => {
  fc.assert(
    fc.property(batch, fc.nat(40), (whole, count) => {
      const halves = splitBatch(whole, count);
      for (const { topic, startOffset, nextOffset } of whole.slices) {
        for (const what of ['records', 'rejected'] as const)
          expect(offsetsIn(halves, topic, what)).toEqual(offsetsIn([whole], topic, what));
        const parts = halves.flatMap(({ slices }) => slices.filter((each) => each.topic === topic));
        expect(parts[0]?.startOffset).toBe(startOffset);
        expect(parts.at(-1)?.nextOffset).toBe(nextOffset);
        for (const [index, part] of parts.entries()) if (index > 0) expect(part.startOffset).toBe(parts[index - 1]?.nextOffset);
      }
    }),
  );
});

test('bisecting refuses exactly the bad records, and the ledger counts every record once', async () => {
  await fc.assert(
    fc.asyncProperty(batch, fc.nat(5), async (whole, modulus) => {
      const isBad = (offset: number): boolean => modulus > 0 && offset % modulus === 0;
      const written: SinkBatch[] = [];
      const refused: number[] = [];
      await writeBisecting(whole, {
        write(part) {
          if (part.slices.some(({ records }) => records.some(({ offset }) => isBad(offset))))
            return Promise.reject(new VigilError('ROW_REFUSED'));
          written.push(part);
          return Promise.resolve();
        },
        refuse: (_, { offset }) => Promise.resolve(void refused.push(offset)),
      });

      const all = whole.slices.flatMap(({ records }) => records.map(({ offset }) => offset));
      expect(refused).toEqual(all.filter(isBad));
      const rows = written.flatMap((part) =>
        ledgerRowsOf(
          part,
          part.slices.map(({ records }) => ({ outputs: { rows: records.length } })),
        ),
      );
      const sum = (field: 'consumed' | 'processed' | 'rejected') => rows.reduce((total, row) => total + row[field], 0);
      const rejectedBefore = whole.slices.reduce((total, each) => total + each.rejected.length, 0);
      expect([sum('consumed'), sum('processed'), sum('rejected')]).toEqual([
        all.length + rejectedBefore,
        all.length - refused.length,
        rejectedBefore + refused.length,
      ]);
    }),
  );
});

test('what is no fault of a record is not halved', async () => {
  const whole = { sink: 'alert-router', partition: 0, nowMs: 0, slices: [] };
  for (const error of [new VigilError('DATABASE_AWAY'), new TypeError('ours'), new VigilError('ROW_REFUSED')]) {
    const writer = { write: () => Promise.reject(error), refuse: () => Promise.reject(new Error('not called')) };
    await expect(writeBisecting(whole, writer)).rejects.toBe(error);
  }
});

test('duplicates and withheld records have rows of their own disposition', () => {
  const records = [1, 2, 3].map((offset) => ({ offset, batchId: null }) as SinkRecord);
  const one: SinkSlice = { topic: of.name, partition: 0, of, epoch: 1, startOffset: 0, nextOffset: 4, records, rejected: [] };
  const whole: SinkBatch = { sink: 'alert-router', partition: 0, nowMs: 7, slices: [one] };
  const effects = { outputs: {}, duplicates: new Set([records[0] as SinkRecord]), suppressed: new Set([records[2] as SinkRecord]) };
  expect(ledgerRowsOf(whole, [effects])).toMatchObject([
    { consumed: 3, processed: 1, duplicate: 1, suppressed: 1, firstOffset: 1, lastOffset: 3, committedAt: 7 },
  ]);
  expect(ledgerRowsOf(whole, [])).toMatchObject([{ consumed: 3, processed: 3, outputs: {} }]);
  expect(slicesOf(whole, of)).toEqual([one]);
  expect(slicesOf(whole, topics.alertRaised)).toEqual([]);
});
