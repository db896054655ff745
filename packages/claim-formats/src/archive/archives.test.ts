import { gzipSync } from 'node:zlib';
import { expect, test } from '@jest/globals';
import { aSet, oneClaim } from '../../test-support/interchanges.ts';
import { findingsOf, splitAll } from '../../test-support/split-all.ts';
import { aZip, type ZipEntry } from '../../test-support/zip.ts';

const json = Buffer.from('[{"claim_id":"A"},{"claim_id":"B"}]');
const x12 = aSet(oneClaim);
const placesOf = async (bytes: Buffer, chunkBytes?: number): Promise<string[]> =>
  (await splitAll(bytes, chunkBytes === undefined ? {} : { chunkBytes })).claims.map(({ key, received }) => `${received.source} ${key}`);

test('a gzip is looked into, of several members too, however its bytes come', async () => {
  const bytes = Buffer.concat([gzipSync(json), gzipSync('\n{"claim_id":"C"}')]);
  expect(await placesOf(bytes)).toEqual(['test A', 'test B', 'test C']);
  expect(await placesOf(bytes, 1)).toEqual(['test A', 'test B', 'test C']);
});

test.each<[string, Partial<ZipEntry>]>([
  ['deflated', {}],
  ['stored', { method: 'stored' }],
  ['written in a pipe', { streamed: true }],
  ['written in a pipe without signatures', { streamed: true, signed: false }],
  ['of sizes of 64 bits', { wide: true }],
  ['stored with sizes of 64 bits', { wide: true, method: 'stored' }],
  ['written in a pipe with sizes of 64 bits', { wide: true, streamed: true }],
])('members of a zip that are %s are files of their own', async (_what, how) => {
  const bytes = aZip(
    { name: 'a.json', content: json, ...how },
    { name: 'sub/', content: Buffer.alloc(0), method: 'stored' },
    { name: 'sub/b.837', content: x12, ...how },
  );
  const expected = ['test/a.json A', 'test/a.json B', 'test/sub/b.837 CLM1'];
  expect(await placesOf(bytes)).toEqual(expected);
  expect(await placesOf(bytes, 11)).toEqual(expected);
});

test('a large member of a zip comes through in small pieces', async () => {
  const lines = Array.from({ length: 50_000 }, (_, index) => `{"claim_id":"C${index}"}`).join('\n');
  const { claims } = await splitAll(aZip({ name: 'many', content: Buffer.from(lines), streamed: true }, { name: 'b', content: json }));
  expect([claims.length, claims.at(-1)?.received.source]).toEqual([50_002, 'test/b']);
});

test('a damaged member is told, the next one taken', async () => {
  const damage = (bytes: Buffer): Buffer => Buffer.from(bytes.map((byte, index) => (index === 0 ? 0xff : byte)));
  const result = await splitAll(aZip({ name: 'a', content: json, damage }, { name: 'b', content: json }));
  expect(findingsOf(result)).toEqual(['BAD_ARCHIVE@0']);
  expect(result.rejected[0]?.record).toMatchObject({ source: 'test/a', scope: 'file' });
  expect(result.claims.map(({ received }) => received.source)).toEqual(['test/b', 'test/b']);
});

test('a damaged member whose size nobody told ends the zip: what came before is kept', async () => {
  const damage = (bytes: Buffer): Buffer => Buffer.from(bytes.map((byte, index) => (index === 0 ? 0xff : byte)));
  const result = await splitAll(aZip({ name: 'a', content: json }, { name: 'b', content: json, damage, streamed: true }));
  expect(result.received).toBe(2);
  expect(findingsOf(result)[0]).toBe('BAD_ARCHIVE@0');
});

test.each<[string, Partial<ZipEntry>]>([
  ['a stored member with another check sum', { method: 'stored', crcMask: 1 }],
  ['a stored member with a changed byte', { method: 'stored', damage: (bytes) => Buffer.from(bytes.toString().replace('"A"', '"X"')) }],
  ['a stored member with another size', { method: 'stored', surplus: 1 }],
  ['a deflated member with another check sum', { crcMask: 1 << 31 }],
  ['a deflated member with another size', { surplus: 1 }],
  ['a streamed member with another check sum', { streamed: true, crcMask: 1 }],
  ['a streamed member with another size', { streamed: true, surplus: 1 }],
])('%s is told, the next one taken', async (_what, how) => {
  const result = await splitAll(aZip({ name: 'a', content: json, ...how }, { name: 'b', content: json }));
  expect(findingsOf(result)).toEqual(['BAD_ARCHIVE@0']);
  expect(result.rejected[0]?.record).toMatchObject({ source: 'test/a', scope: 'file' });
  expect(result.claims.filter(({ received }) => received.source === 'test/b')).toHaveLength(2);
});

test('a streamed member that breaks off before its check sum is told', async () => {
  const whole = aZip({ name: 'a', content: json, streamed: true });
  // The directory begins 64 bytes, the descriptor 80 bytes before the end.
  expect(findingsOf(await splitAll(whole.subarray(0, whole.length - 75)))).toEqual(['BAD_ARCHIVE@0']);
});

test('an encrypted member is told and passed over', async () => {
  const result = await splitAll(aZip({ name: 'a', content: json, encrypted: true }, { name: 'b', content: json }));
  expect(result.rejected.map(({ record }) => record.source)).toEqual(['test/a']);
  expect(result.received).toBe(2);
});

test('an encrypted member whose size nobody told ends the zip', async () => {
  const result = await splitAll(aZip({ name: 'a', content: json, encrypted: true, streamed: true }, { name: 'b', content: json }));
  expect([result.received, findingsOf(result)]).toEqual([0, ['BAD_ARCHIVE@0']]);
});

test.each([
  ['a gzip that breaks off', gzipSync(Buffer.concat([json, Buffer.alloc(100, ' ')])).subarray(0, -9)],
  ['a gzip whose check sum is wrong', Buffer.from(gzipSync(json).map((byte, index, all) => (index === all.length - 6 ? byte ^ 1 : byte)))],
  ['a zip that breaks off in a member', aZip({ name: 'a', content: json, method: 'stored' }).subarray(0, 50)],
  ['a zip that breaks off in a deflated member', aZip({ name: 'a', content: json }).subarray(0, 50)],
  ['a zip that breaks off in a member of unknown size', aZip({ name: 'a', content: json, streamed: true }).subarray(0, 50)],
  ['a zip that is none', Buffer.from('PK is no archive')],
])('%s is told', async (_what, bytes) => {
  expect(findingsOf(await splitAll(bytes))).toContain('BAD_ARCHIVE@0');
});
