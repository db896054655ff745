import { expect, test } from '@jest/globals';
import type { EditChanged, FeeScheduleChanged } from '@vigil/contracts';
import { createReferenceBook } from './create-reference-book.ts';
import { referenceTables, type ReferenceTables } from './reference-tables.ts';

const openTables = () => ({
  providers: referenceTables.providers.open(),
  plans: referenceTables.plans.open(),
  prices: referenceTables.prices.open(),
  codes: referenceTables.codes.open(),
  edits: referenceTables.edits.open(),
});
const bookOf = (tables: ReturnType<typeof openTables>) =>
  createReferenceBook(Object.fromEntries(Object.entries(tables).map(([name, { view }]) => [name, view])) as unknown as ReferenceTables);

const price = (over: Partial<FeeScheduleChanged>): FeeScheduleChanged => ({
  scheduleId: 'S',
  code: '99213',
  modifier: '',
  version: 1,
  effectiveFrom: 100,
  effectiveTo: null,
  unitCents: 1,
  ...over,
});
const edit = (over: Partial<EditChanged>): EditChanged => ({
  edit: 'ncci-ptp',
  code: '99213',
  other: '36415',
  version: 1,
  effectiveFrom: 100,
  effectiveTo: null,
  modifierAllowed: false,
  least: null,
  most: null,
  allowed: false,
  ...over,
});
const onDay = (day: number, ...modifiers: string[]) => ({ modifiers, day });

test('of the versions in force on a day the greatest counts, in whatever order they came', () => {
  const tables = openTables();
  const book = bookOf(tables);
  tables.prices.put('c', price({ version: 3, effectiveFrom: 300, unitCents: 33 }));
  tables.prices.put('a', price({ version: 1, unitCents: 11 }));
  tables.prices.put('b', price({ version: 2, effectiveFrom: 200, effectiveTo: 209, unitCents: 22 }));

  const centsOn = (day: number) => book.price('S', '99213', onDay(day))?.unitCents;
  expect([99, 100, 199, 200, 209, 210, 299, 300].map(centsOn)).toEqual([undefined, 11, 11, 22, 22, 11, 11, 33]);
});

test('of two rows of one version that which began last counts', () => {
  const tables = openTables();
  tables.prices.put('a', price({ effectiveFrom: 150, unitCents: 2 }));
  tables.prices.put('b', price({ effectiveFrom: 100, unitCents: 1 }));
  const book = bookOf(tables);

  expect([120, 160].map((day) => book.price('S', '99213', onDay(day))?.unitCents)).toEqual([1, 2]);
});

test('a record that is written again takes the place of the first, and a deleted one is gone', () => {
  const tables = openTables();
  const book = bookOf(tables);
  tables.prices.put('a', price({ unitCents: 1 }));
  tables.prices.put('a', price({ unitCents: 2, effectiveFrom: 200 }));
  expect([150, 200].map((day) => book.price('S', '99213', onDay(day))?.unitCents)).toEqual([undefined, 2]);

  tables.prices.put('a', null);
  tables.prices.put('never', null);
  expect(book.price('S', '99213', onDay(200))).toBeUndefined();
});

test('the first modifier with a price of its own counts, else the code alone', () => {
  const tables = openTables();
  const book = bookOf(tables);
  for (const [key, row] of [
    ['a', price({ unitCents: 100 })],
    ['b', price({ modifier: 'TC', unitCents: 60 })],
    ['c', price({ modifier: '26', unitCents: 40 })],
  ] as const)
    tables.prices.put(key, row);

  const cents = (...modifiers: string[]) => book.price('S', '99213', onDay(100, ...modifiers))?.unitCents;
  expect([cents(), cents('25'), cents('25', '26', 'TC'), cents('TC')]).toEqual([100, 100, 40, 60]);
  expect([book.price('S', 'other', onDay(100)), book.price('T', '99213', onDay(100))]).toEqual([undefined, undefined]);
});

test('each pair of an edit table counts in its version of the day; without one there is nothing, always the same nothing', () => {
  const tables = openTables();
  const book = bookOf(tables);
  tables.edits.put('a', edit({ other: '36415' }));
  tables.edits.put('b', edit({ other: '80053', effectiveTo: 110 }));
  tables.edits.put('c', edit({ other: '80053', version: 2, effectiveFrom: 120, modifierAllowed: true }));

  const pairs = (day: number) => book.edits('ncci-ptp', '99213', day).map(({ other, version }) => `${other}.${version}`);
  expect([90, 110, 115, 120].map(pairs)).toEqual([[], ['36415.1', '80053.1'], ['36415.1'], ['36415.1', '80053.2']]);
  expect(book.edits('mue', '99213', 100)).toBe(book.edits('ncci-ptp', '99213', 90));
});

test('edits of a day are those of the table as it is, however often they were asked for before', () => {
  const tables = openTables();
  const book = bookOf(tables);
  const pairs = (day: number) => book.edits('ncci-ptp', '99213', day).map(({ other, version }) => `${other}.${version}`);
  tables.edits.put('a', edit({}));
  tables.edits.put('b', edit({ other: '80053', effectiveFrom: 110, effectiveTo: 120 }));
  for (const [day, found] of [
    [109, ['36415.1']],
    [110, ['36415.1', '80053.1']],
    [120, ['36415.1', '80053.1']],
    [121, ['36415.1']],
    [99, []],
    [115, ['36415.1', '80053.1']],
  ] as const)
    expect([day, pairs(day)]).toEqual([day, found]);
  expect(book.edits('ncci-ptp', '99213', 111)).toBe(book.edits('ncci-ptp', '99213', 119));

  tables.edits.put('c', edit({ version: 2, effectiveFrom: 112 }));
  expect([pairs(111), pairs(115)]).toEqual([
    ['36415.1', '80053.1'],
    ['36415.2', '80053.1'],
  ]);
  tables.edits.put('b', null);
  tables.edits.put('c', null);
  expect(pairs(115)).toEqual(['36415.1']);
});

test('a code set of which a code was loaded is known, also where that code is not in force', () => {
  const tables = openTables();
  const book = bookOf(tables);
  tables.codes.put('a', { system: 'hcpcs', code: 'J1100', version: 1, effectiveFrom: 100, effectiveTo: 110, description: '' });

  expect([book.knowsSystem('hcpcs'), book.knowsSystem('icd-10-cm')]).toEqual([true, false]);
  expect([book.code('hcpcs', 'J1100', 105)?.version, book.code('hcpcs', 'J1100', 111), book.code('icd-10-cm', 'E119', 1)]).toEqual([
    1,
    undefined,
    undefined,
  ]);
});

test('the same version of a plan is the same object every day', () => {
  const tables = openTables();
  const plan = { planId: 'P', version: 1, effectiveFrom: 0, effectiveTo: null } as never;
  tables.plans.put('a', plan);
  const book = bookOf(tables);

  expect([book.plan('P', 1) === book.plan('P', 9), book.plan('Q', 1), book.provider('X', 1)]).toEqual([true, undefined, undefined]);
});

test('a code with more edits than a function takes arguments is looked up like any other', () => {
  const tables = openTables();
  for (let other = 0; other < 200_000; other++) tables.edits.put(String(other), edit({ other: String(other), effectiveTo: 200 }));

  const book = bookOf(tables);
  expect([99, 100, 200, 201].map((day) => book.edits('ncci-ptp', '99213', day).length)).toEqual([0, 200_000, 200_000, 0]);
});
