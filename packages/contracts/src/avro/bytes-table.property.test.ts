import { expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { BytesTable } from './bytes-table.ts';

const find = (table: BytesTable<number>, key: string, shift = 0): number | undefined => {
  const among = Buffer.concat([Buffer.alloc(shift, 0x61), Buffer.from(key, 'utf8'), Buffer.from('zz')]);
  return table.get(among, shift, among.length - 2);
};

test('finds what a Map finds, whatever is set and deleted, wherever the bytes lie', () => {
  const key = fc.oneof(fc.constantFrom('', 'a', 'b', 'ab', 't1.0123456789ab', 't1.1123456789ab'), fc.string({ unit: 'grapheme' }));
  const step = fc.tuple(fc.constantFrom('set', 'delete', 'find'), key, fc.nat(5));
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const table = new BytesTable<number>();
      const map = new Map<string, number>();
      for (const [index, [action, name, shift]] of steps.entries()) {
        if (action === 'set') {
          table.set(name, index);
          map.set(name, index);
        } else if (action === 'delete') {
          table.delete(name);
          map.delete(name);
        }
        expect(find(table, name, shift)).toBe(map.get(name));
      }
      for (const [name, value] of map) expect(find(table, name)).toBe(value);
    }),
    { numRuns: 500 },
  );
});

test('grows, forgets what was deleted meanwhile, and can be cleared', () => {
  const table = new BytesTable<number>();
  const nameOf = (index: number): string => `t1.${index}.${'x'.repeat(index % 50)}`;
  for (let index = 0; index < 5_000; index++) {
    table.set(nameOf(index), index);
    if (index % 3 !== 0) table.delete(nameOf(index));
  }

  for (let index = 0; index < 5_000; index++) expect(find(table, nameOf(index))).toBe(index % 3 === 0 ? index : undefined);

  table.clear();
  expect(find(table, nameOf(0))).toBeUndefined();
  table.set(nameOf(1), 7);
  expect(find(table, nameOf(1))).toBe(7);
});

test('keys of one hash, which only differ at their beginning, are told apart', () => {
  const table = new BytesTable<number>();
  table.set('one.012345678901', 1);
  table.set('two.012345678901', 2);

  expect([find(table, 'one.012345678901'), find(table, 'two.012345678901'), find(table, 'six.012345678901')]).toEqual([1, 2, undefined]);
});
