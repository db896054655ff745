import { expect, test } from '@jest/globals';
import { encodeBatch, recordBytes } from '../kafkajs/encode-batch.ts';
import { countSchema } from '../../test-support/plain-topics.ts';
import { createChangeEncoder, createValueEncoder } from './value-encoder.ts';

const nobody = { producerId: -1, producerEpoch: -1, firstSequence: -1, transactional: false };

test('a row that lies in a chunk is written as a record with views of the same bytes is', () => {
  const encodeChange = createChangeEncoder('changelog', { schema: countSchema }, 7);
  const encode = createValueEncoder(countSchema, 7);
  const changes = ['', 'k', 'schlüssel', 'x'.repeat(100)].flatMap((key) => [
    { key, value: { count: 3 } },
    { key, value: null },
  ]);
  const lying = changes.map((change) => encodeChange(2, change));
  const plain = changes.map(({ key, value }) => ({
    topic: 'changelog',
    partition: 2,
    key: Buffer.from(key),
    value: value && encode(value),
    headers: [],
    timestamp: null,
  }));

  expect(encodeBatch(lying, nobody, 1_000)).toEqual(encodeBatch(plain, nobody, 1_000));
  expect(lying.map(({ key, value }) => ({ key, value }))).toEqual(plain.map(({ key, value }) => ({ key, value })));
  for (const [index, record] of lying.entries()) expect(recordBytes(record)).toBe(recordBytes(plain[index] as (typeof plain)[number]));
});
