import { afterAll, expect, test } from '@jest/globals';
import type { ProducedRecord } from '@vigil/kafka';
import { mkdtempSync, readdirSync, rmSync, truncateSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openReadings, type InputShape } from './accepted-readings.ts';
import { cachedInput } from './cached-input.ts';

const folder = mkdtempSync(join(tmpdir(), 'vigil-bench-input-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const shape: InputShape = { records: 500, patients: 7, partitions: 3 };
const refuse = (): never => {
  throw new Error('made again');
};
/** Records are views: what is kept must be copied. */
const copied = (records: Iterable<ProducedRecord>) =>
  Array.from(records, ({ partition, key, value }) => [partition, String(key), value?.toString('hex')]);

test('an input is made once and then read as it was', () => {
  const made = copied(openReadings(shape, 1));
  expect(copied(cachedInput({ name: 'one', make: () => openReadings(shape, 1), folder }))).toEqual(made);
  expect(copied(cachedInput({ name: 'one', make: refuse, folder }))).toEqual(made);
});

test('another name is another input, and half an input is none', () => {
  expect(() => [...cachedInput({ name: 'two', make: refuse, folder })]).toThrow('made again');
  const half = cachedInput({ name: 'two', make: () => openReadings(shape, 1), folder })[Symbol.iterator]();
  half.next();
  half.return?.(undefined);
  expect(() => [...cachedInput({ name: 'two', make: refuse, folder })]).toThrow('made again');
});

test('a file that was cut off is refused', () => {
  const name = readdirSync(folder).find((file) => file.endsWith('.records')) ?? '';
  truncateSync(join(folder, name), 1_000);
  expect(() => [...cachedInput({ name: 'one', make: refuse, folder })]).toThrow('ends within a record');
});
