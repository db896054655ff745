import { expect, test } from '@jest/globals';
import { compileReader, topics, wireHeaderBytes } from '@vigil/contracts';
import { createMemoryRegistry } from '@vigil/kafka';
import { nowMs } from '../../test-support/memory-fleet.ts';
import { editedValue } from './edit-value.ts';
import { isUnrestricted, matches, parseFilter } from './entry-filter.ts';
import { operatorOf, reasonOf } from './operator.ts';
import type { QuarantineEntry } from './quarantine-entry.ts';

const entry = (change: Partial<QuarantineEntry> = {}): QuarantineEntry => ({
  partition: 1,
  offset: 17,
  timestamp: nowMs - 60_000,
  code: 'NOT_JSON',
  stage: 'device-ingest',
  attempt: 1,
  origin: null,
  ...change,
});

test.each([
  [{}, true],
  [{ code: 'NOT_JSON, BAD_ID' }, true],
  [{ code: 'BAD_ID' }, false],
  [{ since: '2m' }, true],
  [{ since: '30s' }, false],
  [{ until: '30s' }, true],
  [{ until: new Date(nowMs - 60_000).toISOString() }, false],
  [{ since: '2025-12-31T23:59+00:00' }, true],
  [{ partition: '1', offsets: '17' }, true],
  [{ partition: '1', offsets: '18-20' }, false],
  [{ partition: '1', offsets: '10-16' }, false],
  [{ partition: '2' }, false],
])('%j chooses it: %j', (flags, expected) => {
  expect(matches(parseFilter(flags, nowMs), entry())).toBe(expected);
  expect(isUnrestricted(parseFilter(flags, nowMs))).toBe(Object.keys(flags).length === 0);
});

test('a record without a code is chosen as UNKNOWN', () => {
  expect(matches({ codes: ['UNKNOWN'] }, entry({ code: null }))).toBe(true);
});

test.each([
  [{ since: 'now' }],
  [{ until: '2026-01-01T00:00:00' }],
  [{ since: '2026-13-01T00:00:00Z' }],
  [{ partition: 'x' }],
  [{ offsets: '1' }],
  [{ partition: '1', offsets: '1-2-3' }],
])('%j is refused', (flags) => {
  expect(() => parseFilter(flags, nowMs)).toThrow(expect.objectContaining({ code: 'BAD_USAGE' }));
});

test('the same person stays the same, however the name is typed', () => {
  expect(operatorOf(' Alice ')).toBe('alice');
  expect(operatorOf(undefined, { VIGIL_OPERATOR: 'BOB' })).toBe('bob');
  expect(operatorOf(undefined, {})).not.toBe('');
  expect(() => operatorOf('a\u0007b')).toThrow(expect.objectContaining({ code: 'BAD_USAGE' }));
});

test.each([[undefined], ['  '], ['x'.repeat(501)]])('%j is no reason', (reason) => {
  expect(() => reasonOf('--reveal', reason)).toThrow('--reveal needs --reason TEXT');
  expect(reasonOf('--reveal', ' ticket 1 ')).toBe('ticket 1');
});

test('an edit of a device’s message keeps its own bytes', async () => {
  const text = Buffer.from('{"device_id": "D", "patient_id": "P", "timestamp": "T", "extra": 1}');
  expect(await editedValue(text, topics.vitalsReadingReceived, createMemoryRegistry())).toBe(text);
});

test('an edit of our own record becomes Avro under the registered schema', async () => {
  const registry = createMemoryRegistry();
  const { schema } = topics.incidentChanged;

  const bytes = await editedValue(Buffer.from('{"incidentId":"i","step":2}'), topics.incidentChanged, registry);

  expect(bytes.readInt32BE(1)).toBe(registry.register(schema));
  expect(compileReader(schema)(bytes, wireHeaderBytes)).toMatchObject({ incidentId: 'i', step: 2, severity: '' });
});

test.each([
  [Buffer.from('{"device_id":"SECRET","patient_id":7,"timestamp":"T"}'), 'ReadingReceived.patient_id'],
  [Buffer.from('["SECRET"]'), 'ReadingReceived'],
  [Buffer.from('{"SECRET'), 'not JSON'],
  [Buffer.of(0xff), 'not UTF-8'],
])('an edit that does not fit names the field, never what it holds: %s', async (text, where) => {
  const refusal = await editedValue(text, topics.vitalsReadingReceived, createMemoryRegistry()).catch((error: unknown) => error);

  expect(refusal).toMatchObject({ code: 'EDIT_REFUSED', message: expect.stringContaining(where) });
  expect((refusal as Error).message).not.toContain('SECRET');
});

test('a registry that is away is no matter of the edit', async () => {
  const registry = createMemoryRegistry();
  registry.setAway(true);
  await expect(editedValue(Buffer.from('{}'), topics.incidentChanged, registry)).rejects.toMatchObject({ code: 'REGISTRY_AWAY' });
});
