import { expect, test } from '@jest/globals';
import { compileReader, createWireEncoder, wireHeaderBytes, type AvroSchema, type AvroWriter } from '@vigil/contracts';
import fc from 'fast-check';
import { packedStore } from './packed-store.ts';

interface Count {
  count: number;
  readonly name: string;
}
const schema: AvroSchema = {
  type: 'record',
  name: 'Count',
  fields: [
    { name: 'count', type: 'long' },
    { name: 'name', type: 'string' },
  ],
};
const spec = packedStore<Count>(schema);
const read = compileReader<Count>(schema);
const encode = createWireEncoder();
/** A change as the changelog keeps it and as a restore gets it. */
const written = (value: object | null): Count | null => value && read(encode(1, spec.write as AvroWriter<object>, value), wireHeaderBytes);

type Step = { readonly act: 'edit' | 'put' | 'delete'; readonly key: string } | { readonly act: 'commit' | 'rollback' | 'look' };

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({ act: fc.constantFrom('edit' as const, 'put' as const, 'delete' as const), key: fc.constantFrom('a', 'b', 'c') }),
  },
  { weight: 3, arbitrary: fc.record({ act: fc.constantFrom('commit' as const, 'rollback' as const, 'look' as const) }) },
);

test('a packed store behaves as a map that is copied at each commit, and its changelog rebuilds it in the same order', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const store = spec.open();
      const rebuilt = spec.open();
      let committed = new Map<string, number>();
      let current = new Map<string, number>();
      for (const [index, { act, ...rest }] of steps.entries()) {
        const key = 'key' in rest ? rest.key : '';
        if (act === 'edit') {
          store.view.edit(key, () => ({ count: 0, name: 'é€' })).count++;
          current.set(key, (current.get(key) ?? 0) + 1);
        } else if (act === 'put') {
          store.view.put(key, { count: index, name: 'é€' });
          current.set(key, index);
        } else if (act === 'delete') {
          store.view.delete(key);
          current.delete(key);
        } else if (act === 'commit') {
          for (const change of store.changes()) rebuilt.restore(change.key, written(change.value));
          store.merge();
          committed = new Map(current);
        } else if (act === 'rollback') {
          store.rollback();
          current = new Map(committed);
        } else store.changes();
        expect(new Map([...store.view.keys()].map((name) => [name, store.view.get(name)?.count]))).toEqual(current);
      }
      store.rollback();
      expect([...rebuilt.view.keys()].map((name) => [name, rebuilt.view.get(name)])).toEqual(
        [...store.view.keys()].map((name) => [name, store.view.get(name)]),
      );
      expect(new Map([...rebuilt.view.keys()].map((name) => [name, rebuilt.view.get(name)?.count]))).toEqual(committed);
    }),
  );
});

test('keys stand in the order in which they were last committed', () => {
  const store = spec.open();
  for (const key of ['a', 'b', 'a', 'c']) {
    store.view.put(key, { count: 1, name: key });
    store.merge();
  }
  expect([...store.view.keys()]).toEqual(['b', 'a', 'c']);
  store.view.put('d', { count: 1, name: 'd' });
  store.clear();
  expect([...store.view.keys()]).toEqual([]);
});

test('a value that does not fit its schema is refused at once, and one that was changed so when it is to be written', () => {
  const store = spec.open();
  expect(() => store.view.put('a', { count: 1.5, name: 'a' })).toThrow(TypeError);
  store.view.edit('a', () => ({ count: 1, name: 'a' })).count = 1.5;
  expect(() => store.changes()).toThrow(TypeError);
});

test('the bytes of the open batch are those of its packed values, each counted once; what is handed out counts as it was', () => {
  const store = spec.open();
  // Count, length of the name, the name.
  store.view.put('a', { count: 1, name: 'xyz' });
  store.view.put('b', { count: 1, name: '' });
  expect([store.changeCount(), store.changedBytes()]).toEqual([2, 5 + 2]);
  store.view.put('a', { count: 1, name: 'x' });
  store.view.delete('b');
  expect([store.changeCount(), store.changedBytes()]).toEqual([2, 3]);
  store.merge();
  expect([store.changeCount(), store.changedBytes()]).toEqual([0, 0]);

  store.view.edit('a', () => ({ count: 0, name: '' })).count++;
  store.view.edit('c', () => ({ count: 0, name: 'new' })).count++;
  expect([store.changeCount(), store.changedBytes()]).toEqual([2, 3]);
  store.changes();
  expect(store.changedBytes()).toBe(3 + 5);
  store.rollback();
  expect([store.changeCount(), store.changedBytes()]).toEqual([0, 0]);
});

test('a value of any size is kept', () => {
  const store = spec.open();
  const name = 'x'.repeat(300_000);
  store.view.put('a', { count: 1, name });
  store.merge();
  expect(store.view.get('a')).toEqual({ count: 1, name });
});
