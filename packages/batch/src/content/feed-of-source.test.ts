import { expect, test } from '@jest/globals';
import { sourcesSchema } from '@vigil/definitions';
import { isFileSource } from '@vigil/sources';
import { feedOfSource } from './feed-of-source.ts';

const feedOf = (given: object) => {
  const definition = sourcesSchema.parse({ sources: { x: { kind: 'local', address: { env: 'A' }, ...given } } }).sources['x'];
  if (!definition || !isFileSource(definition)) throw new Error('no source of files');
  return feedOfSource('x', definition);
};

test('what a source says of its files is how they are read', () => {
  const claims = feedOf({ records: 'claims', format: 'x12', limits: { file_size: '2GiB', record_size: '1MiB' } });
  expect(claims).toMatchObject({
    content: 'claims',
    readiness: { kind: 'stable', polls: 3 },
    encoding: 'utf-8',
    maxFileBytes: 2 * 1024 ** 3,
    maxRecordBytes: 1024 ** 2,
  });
  const visits = feedOf({
    records: 'visits',
    format: 'csv',
    delimiter: ';',
    columns: { Datum: 'visit_date' },
    encoding: 'windows-1252',
    ready: { rule: 'rename' },
  });
  expect(visits).toMatchObject({
    readiness: { kind: 'rename' },
    encoding: 'windows-1252',
    csv: { delimiter: ';', columns: { Datum: 'visit_date' } },
    maxFileBytes: 4 * 1024 ** 3,
  });
  expect(visits.csv.required).toContain('visit_date');
});

test.each([
  ['marker', '.done'],
  ['manifest', '.manifest.json'],
])('a %s has a name of its own', (rule, suffix) => {
  expect(feedOf({ records: 'patients', format: 'ndjson', ready: { rule } }).readiness).toEqual({ kind: rule, suffix });
});

test.each([
  [{ records: 'readings', format: 'csv' }, 'readings are not read from csv'],
  [{ records: 'trial_outcomes', format: 'ndjson' }, 'trial_outcomes are not read from ndjson'],
  [{ records: 'visits', format: 'json' }, 'visits are not read from json'],
  [{ records: 'claims', format: 'csv' }, 'claims are not read from csv'],
  [{ records: 'patients', format: 'x12' }, 'patients are not read from x12'],
])('%o is refused', (given, detail) => {
  expect(() => feedOf(given)).toThrow(expect.objectContaining({ code: 'BAD_DEFINITION', message: expect.stringContaining(detail) }));
});
