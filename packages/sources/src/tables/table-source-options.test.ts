import { expect, test } from '@jest/globals';
import { sourcesSchema } from '@vigil/definitions';
import { createMemoryState, plainSeal } from '../../test-support/trials.ts';
import { createReferenceResolver } from '../resolve-reference.ts';
import { isTableSource, openTableSource, type TableReading } from './table-source-options.ts';

const environment = { API: 'https://api.test/patients?x=1', URL: 'postgres://host/db', USER: 'u@x', PASSWORD: 'p:w', BAD: 'none' };
const open = (given: object, table = 'clinical_trials', over: Partial<TableReading> = {}) => {
  const definition = sourcesSchema.parse({ sources: { x: given } }).sources['x'];
  if (!definition || !isTableSource(definition)) throw new Error('no source of tables');
  return openTableSource(definition, {
    source: 'x',
    table,
    resolve: createReferenceResolver(environment),
    state: createMemoryState(),
    salt: 's',
    seal: plainSeal,
    until: 'caught-up',
    scan: 'r',
    onLost: 'refuse',
    clock: { now: () => 0 },
    sleep: async () => {},
    onNotice: () => {},
    ...over,
  });
};
const sql = {
  kind: 'sql',
  records: 'trial_outcomes',
  address: { env: 'URL' },
  tables: { clinical_trials: { key: ['a'], row_hash: true } },
};
const cdc = {
  kind: 'cdc',
  records: 'trial_outcomes',
  address: { env: 'URL' },
  publication: 'p',
  slot: 's',
  tables: { clinical_trials: { key: ['a'] }, 'public.other': { key: ['b'] } },
};
const http = { kind: 'http', records: 'patients', address: { env: 'API' } };

test.each([
  ['a database', sql],
  ['a database with a login', { ...sql, credential: { user: { env: 'USER' }, password: { env: 'PASSWORD' } } }],
  ['a change column', { ...sql, tables: { clinical_trials: { key: ['a'], change_column: 'b', overlap: '5min' } } }],
  ['changes', cdc],
  ['an API by links', http],
  ['an API by cursors', { ...http, paging: { by: 'cursor' }, key: ['id'], since: { parameter: 'since', member: 'at' } }],
  ['an API by numbers', { ...http, paging: { by: 'number' }, credential: { token: { env: 'PASSWORD' } } }],
])('%s is opened without being connected', async (_, given) => {
  const source = open(given);
  expect(source.name).toBe('x.clinical_trials');
  await source.close();
});

test('a table of a database is read in parts; a log and an API are not', () => {
  const share = { part: 1, of: 2 };
  expect(open(sql, 'clinical_trials', { share }).name).toBe('x.clinical_trials');
  for (const given of [cdc, http])
    expect(() => open(given, 'clinical_trials', { share })).toThrow('Source x is read in one order, not in partitions.');
});

test('where nothing else is said, a look goes back five minutes for what commits late', () => {
  const declared = { key: ['a'], change_column: 'b' };
  const { x, y } = sourcesSchema.parse({
    sources: {
      x: { ...sql, tables: { t: declared, u: { ...declared, overlap: '1h' } } },
      y: { ...http, since: { parameter: 's', member: 'm' } },
    },
  }).sources;
  expect(x).toMatchObject({ tables: { t: { overlap: 300_000 }, u: { overlap: 3_600_000 } } });
  expect(y).toMatchObject({ since: { overlap: 300_000 } });
});

test.each([
  [sql, 'patients', 'BAD_DEFINITION', 'Source x declares no table patients'],
  [cdc, 'toString', 'BAD_DEFINITION', 'declares no table toString'],
  [{ ...sql, address: { env: 'BAD' } }, 'clinical_trials', 'BAD_SETTINGS', 'is no URL'],
  [{ ...http, address: { env: 'BAD' } }, 'patients', 'BAD_SETTINGS', 'is no URL'],
  [{ ...http, address: { env: 'MISSING' } }, 'patients', 'BAD_SETTINGS', 'MISSING is not set'],
])('%j, table %s is %s: %s', (given, table, code, sentence) => {
  expect(() => open(given, table)).toThrow(expect.objectContaining({ code, message: expect.stringContaining(sentence) }));
});
