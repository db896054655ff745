import { expect, test } from '@jest/globals';
import { encodeBatch, recordBytes } from '../kafkajs/encode-batch.ts';
import { countSchema } from '../../test-support/plain-topics.ts';
import { createRecordEncoder, createValueEncoder } from './value-encoder.ts';

const nobody = { producerId: -1, producerEpoch: -1, firstSequence: -1, transactional: false };

test.each([
  ['without headers', []],
  ['with headers', [['vigil-batch-id', Buffer.from('b1')]] as [string, Buffer][]],
])('a record that lies in a chunk is written as one with views of the same bytes is, %s', (_which, headers) => {
  const encodeRecord = createRecordEncoder({ name: 'changelog', schema: countSchema }, 7);
  const encode = createValueEncoder(countSchema, 7);
  const changes = ['', 'k', 'schlüssel', 'x'.repeat(100)].flatMap((key) => [
    { key, value: { count: 3 } },
    { key, value: null },
  ]);
  const lying = changes.map((change) => encodeRecord(2, change, headers));
  const plain = changes.map(({ key, value }) => ({
    topic: 'changelog',
    partition: 2,
    key: Buffer.from(key),
    value: value && encode(value),
    headers,
    timestamp: null,
  }));

  expect(encodeBatch(lying, nobody, 1_000)).toEqual(encodeBatch(plain, nobody, 1_000));
  expect(lying.map(({ key, value }) => ({ key, value }))).toEqual(plain.map(({ key, value }) => ({ key, value })));
  for (const [index, record] of lying.entries()) expect(recordBytes(record)).toBe(recordBytes(plain[index] as (typeof plain)[number]));
});
