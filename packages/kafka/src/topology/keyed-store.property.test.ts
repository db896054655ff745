import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { keyedStore } from './keyed-store.ts';

interface Count {
  count: number;
}
const spec = keyedStore<Count>({ schema: {}, clone: (value) => ({ ...value }) });

type Step = { readonly act: 'edit' | 'put' | 'delete'; readonly key: string } | { readonly act: 'commit' | 'rollback' };

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({ act: fc.constantFrom('edit' as const, 'put' as const, 'delete' as const), key: fc.constantFrom('a', 'b', 'c') }),
  },
  { weight: 2, arbitrary: fc.record({ act: fc.constantFrom('commit' as const, 'rollback' as const) }) },
);

test('a store behaves as a map that is copied at each commit, and its changelog rebuilds it', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const store = spec.open();
      const rebuilt = spec.open();
      let committed = new Map<string, number>();
      let current = new Map<string, number>();
      for (const [index, { act, ...rest }] of steps.entries()) {
        const key = 'key' in rest ? rest.key : '';
        if (act === 'edit') {
          const value = store.view.edit(key, () => ({ count: 0 }));
          value.count++;
          current.set(key, (current.get(key) ?? 0) + 1);
        } else if (act === 'put') {
          store.view.put(key, { count: index });
          current.set(key, index);
        } else if (act === 'delete') {
          store.view.delete(key);
          current.delete(key);
        } else if (act === 'commit') {
          const changes = store.changes();
          expect(new Set(changes.map((change) => change.key)).size).toBe(changes.length);
          for (const change of changes) rebuilt.restore(change.key, change.value && { ...change.value });
          store.merge();
          committed = new Map(current);
        } else {
          store.rollback();
          current = new Map(committed);
        }
        expect(new Map([...store.view.keys()].map((name) => [name, store.view.get(name)?.count]))).toEqual(current);
      }
      expect(new Map([...rebuilt.view.keys()].map((name) => [name, rebuilt.view.get(name)?.count]))).toEqual(committed);
    }),
  );
});

test('a value that was not committed leaves no trace in the one that was', () => {
  const store = spec.open();
  store.view.put('a', { count: 1 });
  store.merge();
  store.view.edit('a', () => ({ count: 0 })).count = 99;
  expect(store.view.edit('a', () => ({ count: 0 })).count).toBe(99);
  store.rollback();
  expect(store.view.get('a')).toEqual({ count: 1 });
  store.view.delete('a');
  expect(store.view.edit('a', () => ({ count: 7 })).count).toBe(7);
  store.clear();
  expect([...store.view.keys()]).toEqual([]);
  expect(store.changes()).toEqual([]);
});
