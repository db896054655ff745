import { expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { BytesTable } from './bytes-table.ts';

/** A key within something larger, from `shift` to `to`. */
const lying = (key: string, shift: number): { among: Buffer; to: number } => {
  const among = Buffer.concat([Buffer.alloc(shift, 0x61), Buffer.from(key, 'utf8'), Buffer.from('zz')]);
  return { among, to: among.length - 2 };
};

const find = (table: BytesTable<number>, key: string, shift = 0): number | undefined => {
  const { among, to } = lying(key, shift);
  return table.get(among, shift, to);
};

test('finds what a Map finds, whatever is set and deleted, wherever the bytes lie', () => {
  const key = fc.oneof(fc.constantFrom('', 'a', 'b', 'ab', 't1.0123456789ab', 't1.1123456789ab'), fc.string({ unit: 'grapheme' }));
  const step = fc.tuple(fc.constantFrom('set', 'set where it lies', 'delete', 'delete where it lies', 'find'), key, fc.nat(5));
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const table = new BytesTable<number>();
      const map = new Map<string, number>();
      for (const [index, [action, name, shift]] of steps.entries()) {
        const { among, to } = lying(name, shift);
        if (action === 'set') table.set(name, index);
        if (action === 'set where it lies') table.setAt(among, shift, to, index);
        if (action === 'delete') table.delete(name);
        if (action === 'delete where it lies') table.deleteAt(among, shift, to);
        if (action.startsWith('set')) map.set(name, index);
        if (action.startsWith('delete')) map.delete(name);
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

test('grows as far as nothing was deleted, too', () => {
  const table = new BytesTable<number>();
  for (let index = 0; index < 3_000; index++) table.set(`t1.${index}`, index);

  for (let index = 0; index < 3_000; index++) expect(find(table, `t1.${index}`)).toBe(index);
  expect(find(table, 't1.3000')).toBeUndefined();
});

test('keys of one hash, which only differ at their beginning, are told apart', () => {
  const table = new BytesTable<number>();
  table.set('one.012345678901', 1);
  table.set('two.012345678901', 2);

  expect([find(table, 'one.012345678901'), find(table, 'two.012345678901'), find(table, 'six.012345678901')]).toEqual([1, 2, undefined]);
});
