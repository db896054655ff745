import { expect, test } from '@jest/globals';
import { topics } from '@vigil/contracts';
import { createValueEncoder } from '../codec/value-encoder.ts';
import { systemStageClock } from '../engine/engine-clock.ts';
import { watchQuarantine } from '../engine/quarantine-limits.ts';
import type { FetchedRecord } from '../ports/kafka-client.ts';
import { createMemoryRegistry } from '../registry/memory-registry.ts';
import { createSliceReader } from './read-slice.ts';
import { progressOf } from './sink-progress.ts';
import { SinkQueue } from './sink-queue.ts';
import type { SinkRecord } from './sink-target.ts';

const of = topics.identityObserved;
const place = { topic: of.name, partition: 0 };
const aRecord = (offset: number, value: Buffer | null = Buffer.alloc(10)): FetchedRecord => ({
  offset,
  timestamp: offset * 1_000,
  key: null,
  value,
  headers: () => [],
});
const aQueue = (): SinkQueue => new SinkQueue({ of, read: 'decoded', isRetry: false, lease: { ...place, epoch: 1, nextOffset: 10 } }, 10);
const fetched = (records: readonly FetchedRecord[], nextOffset: number, position = records[0]?.offset ?? nextOffset) => ({
  ...place,
  position,
  records,
  nextOffset,
  lastStableOffset: nextOffset,
  highWatermark: nextOffset,
});

test('a queue hands out records by count and bytes, one at least, and the markers behind the last', () => {
  const queue = aQueue();
  queue.push(fetched([aRecord(10), aRecord(12), aRecord(13, null)], 15));
  queue.push(fetched([], 16, 15));
  queue.push(fetched([aRecord(14)], 15));
  queue.push(fetched([aRecord(13), aRecord(14), aRecord(16)], 17));
  expect([queue.records, queue.bytes, queue.waiting, queue.drained]).toEqual([3, 20, true, false]);
  expect(queue.health(11_000)).toMatchObject({ position: 10, end: 17, lagRecords: 7, lagSeconds: 1 });

  expect(queue.take(9, 5)).toMatchObject({ records: [{ offset: 10 }], nextOffset: 12 });
  expect(queue.take(9, 1_000)).toMatchObject({ records: [{ offset: 12 }, { offset: 13 }], nextOffset: 16 });
  expect(queue.take(9, 1_000)).toEqual({ records: [], nextOffset: 16 });
  expect(queue.health(20_000)).toMatchObject({ position: 10, lagSeconds: 10 });
  queue.wrote(16);
  expect([queue.records, queue.bytes, queue.waiting]).toEqual([0, 0, false]);
  expect(queue.health(20_000)).toMatchObject({ position: 16, lagRecords: 1 });
});

test('where a fetch tells its bytes, its records count for their mean', () => {
  const queue = aQueue();
  queue.push({ ...fetched([aRecord(10), aRecord(11), aRecord(12)], 13), bytes: 100 });
  expect(queue.bytes).toBe(100);
  expect(queue.take(9, 70)).toMatchObject({ records: [{ offset: 10 }, { offset: 11 }] });
  expect(queue.bytes).toBeCloseTo(100 / 3);
  queue.take(9, 70);
  expect(queue.bytes).toBe(0);
});

test('a fault of our own while decoding is not taken for poison', async () => {
  const registry = createMemoryRegistry();
  const id = await registry.idOf('s', of.schema);
  await registry.schemaOf(id);
  const value = createValueEncoder(of.schema, id)({ patientToken: 'a', sealed: Buffer.alloc(1), keyId: '', observedAt: 1 });
  const limits = { consecutive: 1, ratio: 1, ratioMinRecords: 10 };
  const fault = {
    ...registry,
    cached: () => {
      throw new TypeError('our fault');
    },
  };
  const failing = createSliceReader({ registry: fault, clock: systemStageClock, retryBaseMs: 1 });

  expect(() => failing.read(aQueue(), { records: [aRecord(10, value)], nextOffset: 11 }, watchQuarantine(limits))).toThrow('our fault');
});

test('the numbers of a commit add up, whatever the target tells', () => {
  const records = [5, 6, 7].map((offset) => ({ offset, timestamp: offset, batchId: null }) as SinkRecord);
  const slice = { ...place, of, epoch: 1, startOffset: 5, nextOffset: 8, records, rejected: [] };
  const batch = { sink: 'alert-router', partition: 0, nowMs: 100, slices: [slice, { ...slice, records: [] }] };
  const [first, , last] = records as [SinkRecord, SinkRecord, SinkRecord];

  expect(
    progressOf(batch, [{ outputs: { t: 2 }, duplicates: new Set([first]), suppressed: new Set([last]) }, { outputs: { t: 1 } }]),
  ).toMatchObject({
    consumed: 3,
    counts: { processed: 1, duplicate: 1, suppressed: 1, rejected: 0 },
    outputs: { t: 3 },
    oldestAgeMs: 95,
  });
  expect(progressOf(batch, [])).toMatchObject({ consumed: 3, counts: { processed: 3 }, outputs: {} });
});
