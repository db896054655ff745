import { expect, test } from '@jest/globals';
import type { RecordHeaders } from '../ports/kafka-client.ts';
import { batchIdOf, lineageHeaders } from './record-headers.ts';

const header = (name: string, value: string | null): RecordHeaders[number] => [name, value === null ? null : Buffer.from(value)];
const trace = header('traceparent', '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01');
const batch = header('vigil-batch-id', 'claims-2026-03.csv:17');

test('trace context and batch id are handed on, everything else stays behind', () => {
  expect(lineageHeaders([trace, header('x-patient', 'Jane Doe'), batch])).toEqual([trace, batch]);
  expect(batchIdOf([trace, batch])).toBe('claims-2026-03.csv:17');
});

test.each([
  ['vigil-batch-id', 'Jane Doe 1970-01-02'],
  ['vigil-batch-id', ''],
  ['vigil-batch-id', 'a'.repeat(129)],
  ['vigil-batch-id', null],
  ['traceparent', 'patient Jane Doe'],
  ['traceparent', null],
])('a %s of another shape (%s) goes nowhere', (name, value) => {
  const headers = [header(name, value)];

  expect(lineageHeaders(headers)).toEqual([]);
  expect(batchIdOf(headers)).toBeNull();
});

test('a record without headers belongs to no batch', () => {
  expect(batchIdOf([])).toBeNull();
  expect(lineageHeaders([])).toEqual([]);
});
