import { expect, test } from '@jest/globals';
import { topics } from '@vigil/contracts';
import { checkVersions, contentOf, type PublishedVersion } from './check-versions.ts';
import type { ReferenceRecord } from './reference-record.ts';

const record = (version: number, from: number, to: number | null = null, price = 1): ReferenceRecord => ({
  topic: topics.feeScheduleChanged,
  key: `S|99213||${from}|${version}`,
  partitionKey: '',
  version,
  entity: 'S|99213|',
  from,
  to,
  value: { price, version },
  place: { file: 'f.csv', line: from + 1 },
});
const published = ({ key, entity, version, from, to, value }: ReferenceRecord): PublishedVersion => ({
  key,
  entity,
  version,
  from,
  to,
  content: contentOf(value),
});
const check = (records: readonly ReferenceRecord[], before: readonly ReferenceRecord[] = []) => {
  const { fresh, unchanged, problems } = checkVersions(records, before.map(published));
  return { fresh: fresh.length, unchanged: unchanged.length, problems: problems.map(({ line, reason }) => `${line} ${reason}`) };
};

test('the same rows again are nothing new, whatever the order of their members', () => {
  expect(check([record(1, 0)])).toEqual({ fresh: 1, unchanged: 0, problems: [] });
  expect(check([record(1, 0)], [record(1, 0)])).toEqual({ fresh: 0, unchanged: 1, problems: [] });
  expect(contentOf({ a: 1, b: [{ c: null, d: 2 }] })).toBe(contentOf({ b: [{ d: 2, c: null }], a: 1 }));
});

test('a row that changed needs a new version', () => {
  expect(check([record(1, 0, null, 2)], [record(1, 0)])).toMatchObject({ problems: ['1 changed without a new version'] });
  expect(check([record(2, 0, null, 2)], [record(1, 0)])).toEqual({ fresh: 1, unchanged: 0, problems: [] });
});

test('a new version must be above what it overlaps: below, it would change nothing', () => {
  expect(check([record(2, 400)], [record(2, 0)])).toMatchObject({
    problems: ['401 not above version 2, which is in force 1970-01-01 to open'],
  });
  expect(check([record(1, 400)], [record(3, 0, 399)])).toMatchObject({ fresh: 1, problems: [] });
  expect(check([record(1, 0, 399)], [record(3, 399, 500)])).toMatchObject({
    problems: ['1 not above version 3, which is in force 1971-02-04 to 1971-05-16'],
  });
});

test('two rows of one file may not be of one version and in force together', () => {
  expect(check([record(1, 0), record(1, 5)])).toMatchObject({ problems: ['6 the same version as f.csv:1, in force at the same time'] });
  expect(check([record(1, 0, 4), record(1, 5)])).toMatchObject({ fresh: 2, problems: [] });
  expect(check([record(1, 0), record(2, 5)])).toMatchObject({ fresh: 2, problems: [] });
});
