import { randomBytes } from 'node:crypto';
import { expect, test } from '@jest/globals';
import { topics } from '@vigil/contracts';
import type { FileContent } from './file-feed.ts';
import { createItemMapper } from './map-items.ts';
import type { FileItem } from './read-items.ts';

const key = { id: 'k', secret: Buffer.alloc(32, 1) };
const rules = { tokenKey: key, dataKey: key, random: randomBytes, source: 's', fileId: 'f1', startedAtMs: 0 };
const mapped = (content: FileContent, item: FileItem) =>
  createItemMapper(content, rules)({ item, line: 1, position: '1', place: 'line 1' });
const message = (text: string): FileItem => ({ kind: 'message', bytes: Buffer.from(text) });
const rejection = (findings: readonly object[]): FileItem =>
  ({ kind: 'piece', piece: { kind: 'rejected', record: { rejectionId: 'r', findings } } }) as unknown as FileItem;

test.each([
  ['a message of bytes that are no JSON', message('{'), 'NOT_JSON'],
  ['a message that is no object', message('null'), 'MISSING_ID'],
  ['a message without its id', message('{"device_id":""}'), 'MISSING_ID'],
  ['a message whose id is a number', message('{"device_id":7}'), 'MISSING_ID'],
  ['a message that is too large', { kind: 'too-large' } as const, 'MESSAGE_TOO_LARGE'],
  ['a row', { kind: 'broken', text: 'x' } as const, 'BAD_SHAPE'],
])('%s is no reading', (_what, item, code) => {
  expect(mapped('readings', item)).toMatchObject({ kind: 'rejected', code });
});

test('a message leaves as its own bytes, keyed by its id', () => {
  const bytes = Buffer.from('{"patient_id": "PAT_1" }');

  expect(mapped('patients', { kind: 'message', bytes })).toEqual({
    kind: 'records',
    records: [{ topic: topics.patientsRecordReceived, key: 'PAT_1', value: bytes }],
  });
});

test.each([
  [{ kind: 'broken', text: 'a"b' } as const, 'BAD_CSV', 'a"b'],
  [{ kind: 'ragged', fields: ['a'], expected: 2 } as const, 'RAGGED_ROW', '["a"]'],
  [message('{}'), 'BAD_SHAPE', ''],
])('of a table %j is rejected with what stands there', (item, code, text) => {
  const rejected = mapped('visits', item);

  expect(rejected).toMatchObject({ kind: 'rejected', code });
  expect('bytes' in rejected && rejected.bytes.toString()).toBe(text);
});

test.each([
  [[], 'MALFORMED_CLAIM', ''],
  [[{ code: 'OF_LATER', segmentId: 'CLM', detail: 'd' }], 'MALFORMED_CLAIM', 'CLM'],
  [[{ code: 'NOT_JSON', segmentId: '', detail: 'd' }], 'NOT_JSON', ''],
])('a rejected piece of an input of claims tells its first finding, where there is one that is known: %j', (findings, code, field) => {
  expect(mapped('claims', rejection(findings))).toMatchObject({ kind: 'rejected', code, field, records: [{}] });
});

test('what is no piece is no claim', () => {
  expect(mapped('claims', message('{}'))).toMatchObject({ kind: 'rejected', code: 'BAD_SHAPE' });
});
