import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { hashId, toUuid } from '@vigil/core';
import { createTestDatabase, type TestDatabase } from '@vigil/testing';
import * as fc from 'fast-check';
import { inTransaction } from '../transaction.ts';
import { BinaryRows } from './binary-rows.ts';
import { copyRows } from './copy-rows.ts';

const types = {
  id: 'uuid',
  small: 'smallint',
  middle: 'integer',
  large: 'bigint',
  real: 'double precision',
  flag: 'boolean',
  word: 'text',
  words: 'text[]',
  at: 'timestamptz',
  doc: 'jsonb',
} as const;
const columns = Object.keys(types);
const target = { table: 'copied', columns: ['place', ...columns] };

let database: TestDatabase;

beforeAll(async () => {
  database = await createTestDatabase('vigil');
  const declared = Object.entries(types).map(([name, type]) => `${name} ${type}`);
  await database.pool.query(`CREATE TABLE copied (place int NOT NULL, ${declared.join(', ')})`);
});
afterAll(() => database?.drop());

interface Row {
  readonly id: string | null;
  readonly small: number | null;
  readonly middle: number | null;
  readonly large: number | null;
  readonly real: number | null;
  readonly flag: boolean | null;
  readonly word: string | null;
  readonly words: readonly string[] | null;
  readonly at: number | null;
  readonly doc: string | null;
}

/** PostgreSQL has no text with a NUL in it, UTF-8 no lone surrogate. */
const text = (maxLength: number): fc.Arbitrary<string> =>
  fc.oneof(fc.string({ maxLength }), fc.string({ unit: 'grapheme', maxLength })).map((value) => value.replaceAll('\0', '').toWellFormed());
const or = <Value>(values: fc.Arbitrary<Value>): fc.Arbitrary<Value | null> => fc.option(values, { freq: 8 });

const row: fc.Arbitrary<Row> = fc.record({
  id: or(fc.nat().map((seed) => hashId('row', seed))),
  small: or(fc.integer({ min: -(2 ** 15), max: 2 ** 15 - 1 })),
  middle: or(fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 })),
  large: or(fc.maxSafeInteger()),
  real: or(fc.double()),
  flag: or(fc.boolean()),
  word: or(fc.oneof(text(20), text(300))),
  words: or(fc.array(text(80), { maxLength: 5 })),
  at: or(fc.integer({ min: Date.UTC(1715, 0), max: Date.UTC(2285, 0) })),
  doc: or(fc.jsonValue().map((value) => JSON.stringify(value).replaceAll('\\u0000', ''))),
});

function write(rows: BinaryRows, place: number, value: Row): void {
  rows.begin();
  rows.int4(place);
  rows.uuid(value.id);
  rows.int2(value.small);
  rows.int4(value.middle);
  rows.int8(value.large);
  rows.float8(value.real);
  rows.bool(value.flag);
  rows.text(value.word);
  rows.textArray(value.words);
  rows.timestamptz(value.at);
  rows.jsonb(value.doc);
}

/** What `pg` reads where a value was written. */
const asRead = ({ id, at, doc, ...same }: Row): object => ({
  ...same,
  // PostgreSQL keeps the sign of a zero, bigint and integer have none.
  middle: same.middle === null ? null : same.middle + 0,
  large: same.large === null ? null : same.large + 0,
  id: id === null ? null : toUuid(id),
  at: at === null ? null : new Date(at),
  doc: doc === null ? null : (JSON.parse(doc) as unknown),
});

const written = (values: readonly Row[]): BinaryRows => {
  const rows = new BinaryRows(target);
  for (const [place, value] of values.entries()) write(rows, place, value);
  return rows;
};

async function copied(values: readonly Row[]): Promise<unknown[]> {
  await database.pool.query('TRUNCATE copied');
  const rows = written(values);
  expect(await inTransaction(database.pool, (transaction) => copyRows(transaction, rows))).toBe(values.length);
  const { rows: read } = await database.pool.query<Record<string, unknown>>(`SELECT ${columns.join(', ')} FROM copied ORDER BY place`);
  return read;
}

test('every value comes back from COPY as it went in', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(row, { maxLength: 40 }), async (values) => {
      expect(await copied(values)).toEqual(values.map(asRead));
    }),
    { numRuns: 60 },
  );
});

const nothing: Row = {
  id: null,
  small: null,
  middle: null,
  large: null,
  real: null,
  flag: null,
  word: null,
  words: null,
  at: null,
  doc: null,
};

test('rows of more than one chunk, and a text of more than one', async () => {
  const values = Array.from({ length: 3_000 }, (_, index) => ({ ...nothing, large: index - 1_500, word: 'x'.repeat(index % 100) }));
  values.push(
    { ...nothing, large: Number.MAX_SAFE_INTEGER, word: 'ü🫀'.repeat(50_000) },
    { ...nothing, large: Number.MIN_SAFE_INTEGER, word: '' },
  );
  expect(await copied(values)).toEqual(values.map(asRead));
  expect(written(values).finish().length).toBeGreaterThan(3);
});

test.each<readonly [string, Partial<Row>]>([
  ['id', { id: 'secret' }],
  ['id', { id: `${'0'.repeat(31)}g` }],
  ['id', { id: `${'0'.repeat(31)}ü` }],
  ['id', { id: `${'0'.repeat(31)}\u{160}` }],
  ['small', { small: 2 ** 15 }],
  ['small', { small: 1.5 }],
  ['middle', { middle: -(2 ** 31) - 1 }],
  ['middle', { middle: Number.NaN }],
  ['large', { large: 2 ** 53 }],
  ['at', { at: Number.POSITIVE_INFINITY }],
  ['at', { at: Date.UTC(9_999, 0) }],
])('a value that %s cannot hold is poison that names the column and not the value', (column, value) => {
  expect(() => written([{ ...nothing, ...value }])).toThrow(
    expect.objectContaining({ code: 'ROW_REFUSED', message: expect.stringContaining(`At copied.${column}.`) }),
  );
  expect(() => written([{ ...nothing, ...value }])).not.toThrow('secret');
});

test('what only the database refuses is poison, too', async () => {
  for (const value of [{ word: 'a\0b' }, { words: ['a\0b'] }, { doc: '{' }]) {
    const refused = inTransaction(database.pool, (transaction) => copyRows(transaction, written([{ ...nothing, ...value }])));
    await expect(refused).rejects.toMatchObject({ code: 'ROW_REFUSED' });
  }
});

test('a row that was begun is taken back, also where it went over the end of a chunk', async () => {
  await database.pool.query('TRUNCATE copied');
  const rows = new BinaryRows(target);
  const long = 'y'.repeat(1_000);
  for (let place = 0; place < 500; place++) {
    write(rows, place, { ...nothing, word: long });
    const bytes = rows.bytes;
    rows.begin();
    rows.int4(place);
    rows.uuid(null);
    expect(() => rows.int2(70_000)).toThrow('copied.small');
    rows.discard();
    write(rows, place, { ...nothing, word: 'x'.repeat(100_000) });
    rows.discard();
    expect(rows.bytes).toBe(bytes);
  }
  expect(rows.count).toBe(500);
  await inTransaction(database.pool, (transaction) => copyRows(transaction, rows));
  const { rows: read } = await database.pool.query<{ n: number }>('SELECT count(DISTINCT place) AS n FROM copied WHERE word = $1', [long]);
  expect(read).toEqual([{ n: 500 }]);
});

test('days come back as they went in, and no part of one goes in', async () => {
  await database.pool.query('CREATE TABLE days (day date)');
  const rows = new BinaryRows({ table: 'days', columns: ['day'] });
  for (const day of [-1, 0, 19_797, null]) {
    rows.begin();
    rows.date(day);
  }
  rows.begin();
  expect(() => rows.date(0.5)).toThrow('days.day');
  rows.discard();
  await inTransaction(database.pool, (transaction) => copyRows(transaction, rows));
  const { rows: read } = await database.pool.query('SELECT day::text FROM days ORDER BY day');
  expect(read.map(({ day }) => day)).toEqual(['1969-12-31', '1970-01-01', '2024-03-15', null]);
});

test('no rows are no statement, and a row with a value too few is a fault of our own', async () => {
  expect(await copied([])).toEqual([]);
  const short = new BinaryRows(target);
  short.begin();
  short.int4(1);
  expect(() => short.begin()).toThrow(TypeError);
  expect(() => short.finish()).toThrow('A row of copied has 1 of 11 values.');
});
