import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { parseExport, type ExportFlags } from './export-request.ts';
import { readPayers } from './read-payers.ts';
import { splitName } from './reveal-patients.ts';

const now = Date.UTC(2024, 2, 20, 12);

test('each format takes its own flags', () => {
  expect(
    parseExport({ format: 'json', since: '1h', until: '2024-03-20T12:00:00Z', payer: 'P', claim: 'C', batch: 'B', out: 'f' }, now),
  ).toEqual({
    format: 'json',
    filter: { sinceMs: now - 3_600_000, untilMs: now, payerId: 'P', claimId: 'C', batchId: 'B' },
    access: { by: expect.any(String), reason: 'json by since, until, payer, claim, batch' },
    patients: 'tokens',
    out: 'f',
  });
  expect(parseExport({ format: 'fhir', reveal: true, reason: 'ticket 1', as: 'Ann' }, now)).toEqual({
    format: 'fhir',
    filter: {},
    shape: 'lines',
    access: { by: 'ann', reason: 'ticket 1 (fhir with names)' },
    patients: 'names',
    out: null,
  });
  expect(parseExport({ format: 'fhir', bundle: true }, now)).toMatchObject({ shape: 'bundle' });
  expect(parseExport({ format: '835', test: true, payer: 'P', payers: 'book.json' }, now)).toMatchObject({
    format: '835',
    cycle: '2024-03-20',
    payerId: 'P',
    payersFile: 'book.json',
    usage: 'test',
  });
  expect(parseExport({ format: '835', cycle: 'march' }, now)).toMatchObject({ cycle: 'march', usage: 'production' });
});

test.each<readonly [ExportFlags, string]>([
  [{ format: 'xml' }, '--format takes json, 835 or fhir'],
  [{ format: '835', since: '1h' }, '--since does not go with --format 835'],
  [{ format: 'json', cycle: 'x' }, '--cycle does not go with --format json'],
  [{ format: 'json', reveal: true, reason: 'why' }, '--reveal does not go with --format json'],
  [{ format: 'fhir', reveal: true }, '--reveal needs --reason'],
  [{ format: 'json', since: 'yesterday' }, '--since takes a time'],
])('a call that cannot be meant is refused: %j', (flags, message) => {
  expect(() => parseExport(flags, now)).toThrow(expect.objectContaining({ code: 'BAD_USAGE', message: expect.stringContaining(message) }));
});

test('payers have names and addresses from a file', () => {
  const file = join(mkdtempSync(join(tmpdir(), 'vigil-payers-')), 'payers.json');
  const read = (text: string) => {
    writeFileSync(file, text);
    return readPayers(file);
  };
  expect(readPayers(undefined).size).toBe(0);
  expect(read('{"P":{"name":"Payer","city":"Albany"}}').get('P')).toEqual({ name: 'Payer', city: 'Albany' });
  for (const text of ['{', '{"P":{"city":"Albany"}}', '{"P":{"name":"Payer","fax":"1"}}', '{"P":{"name":1}}', '{"P":null}']) {
    expect(() => read(text)).toThrow(expect.objectContaining({ code: 'BAD_USAGE' }));
  }
});

test('a name is a last name and the rest', () => {
  expect([splitName('Jane Q Doe'), splitName('Doe, Jane Q'), splitName('Doe')]).toEqual([
    { lastName: 'Doe', firstName: 'Jane Q' },
    { lastName: 'Doe', firstName: 'Jane Q' },
    { lastName: 'Doe', firstName: '' },
  ]);
});
