import { expect, test } from '@jest/globals';
import { createLedgerBook } from './ledger-book.ts';

const sink = 'warehouse-loader.warehouse';
const topic = 'deid.vitals.reading.accepted.v1';
const empty = { stage: sink, subStage: '', topic, partition: 0, batchId: null, late: 0, lateCorrected: 0, duplicate: 0, rejected: 0, suppressed: 0, tablePositions: {} }; // prettier-ignore

/** A row of contiguous records, all processed. */
const rowOf = (firstOffset: number, lastOffset: number, committedAt: number) => {
  const consumed = lastOffset - firstOffset + 1;
  return { ...empty, firstOffset, lastOffset, committedAt, consumed, processed: consumed, outputs: { fact: consumed } };
};

function consumedOf(...rows: readonly ReturnType<typeof rowOf>[]): number | undefined {
  const book = createLedgerBook();
  for (const row of rows) book.enter(row);
  return book.totals()[0]?.consumed;
}

const loaded = [rowOf(0, 9, 1), rowOf(10, 19, 2), rowOf(20, 29, 3)];

test('what a rewound sink loads again counts once, wherever its batches now end', () => {
  expect(consumedOf(...loaded)).toBe(30);
  expect(consumedOf(...loaded, rowOf(0, 24, 4), rowOf(25, 29, 5))).toBe(30);
  expect(consumedOf(...loaded, rowOf(0, 4, 4), rowOf(5, 29, 5))).toBe(30);
  expect(consumedOf(...loaded, rowOf(10, 29, 4), rowOf(30, 39, 5))).toBe(40);
  expect(consumedOf(...loaded, rowOf(13, 29, 4))).toBe(30);
});

test('a second rewind is understood like the first', () => {
  expect(consumedOf(...loaded, rowOf(0, 29, 4), rowOf(10, 29, 5), rowOf(0, 29, 6))).toBe(30);
});

test('while the sink loads again, what it has not reached does not count', () => {
  expect(consumedOf(...loaded, rowOf(0, 4, 4))).toBe(5);
});

test('a row that is published again after a rewind stays void', () => {
  expect(consumedOf(...loaded, rowOf(0, 29, 4), ...loaded)).toBe(30);
});

test('whoever enters a row is told whether it is a new one', () => {
  const book = createLedgerBook();
  const again = { ...rowOf(0, 9, 1), stage: 'device-ingest' };

  expect([...loaded, ...loaded, again, again].map((row) => book.enter(row))).toEqual([true, true, true, false, false, false, true, false]);
});

test('batches that share a commit are no rewind', () => {
  const shared = [
    { ...rowOf(0, 9, 1), batchId: 'a' },
    { ...rowOf(3, 8, 1), batchId: 'b' },
    { ...rowOf(10, 19, 2), batchId: 'b' },
    { ...rowOf(12, 15, 2), batchId: 'a' },
  ];

  expect(consumedOf(...(shared as never[]))).toBe(30);
});

test('what cannot be told apart stays, and shows as imbalance', () => {
  const withMarkers = { ...rowOf(0, 9, 1), consumed: 8, processed: 8 };

  expect(consumedOf(withMarkers, rowOf(5, 9, 2))).toBe(13);
});

test('outputs of a void row are taken off, too', () => {
  const book = createLedgerBook();
  const quarantine = { ...rowOf(0, 9, 1), processed: 9, rejected: 1, outputs: { dlq: 1 } };
  for (const row of [quarantine, { ...quarantine, committedAt: 2 }]) book.enter(row);

  expect(book.totals()).toMatchObject([{ consumed: 10, processed: 9, rejected: 1, outputs: { dlq: 1 } }]);
});

test('a stage that writes to topics is never taken back: its readers consumed both', () => {
  const stage = 'device-ingest';

  expect(consumedOf({ ...rowOf(0, 9, 1), stage }, { ...rowOf(5, 9, 2), stage })).toBe(15);
});
