import { expect, test } from '@jest/globals';
import { existsSync } from 'node:fs';
import { detectMutant } from './detect-mutant.ts';
import type { Mutant } from './mutant.ts';
import { mutants } from './mutants.ts';
import { editedFiles, copyWithEdits } from './mutated-sources.ts';

const patienceMs = 240_000;
const named = (name: string): Mutant => mutants.find((mutant) => mutant.name === name) as Mutant;

test('every mutant still finds the place that it changes', () => {
  expect(new Set(mutants.map(({ name }) => name)).size).toBe(mutants.length);
  const stale = mutants.flatMap(({ name, edits }) => {
    try {
      editedFiles(edits);
      return [];
    } catch (error) {
      return [`${name}: ${String(error)}`];
    }
  });

  expect(stale).toEqual([]);
});

test('a mutant whose place is gone is told with the place', () => {
  const edit = { file: 'packages/kafka/src/engine/task-commit.ts', find: 'no such text', replace: '' };

  expect(() => copyWithEdits([edit])).toThrow(/packages\/kafka\/src\/engine\/task-commit\.ts holds 0 times, not once:\nno such text/);
});

test('a copy is removed', () => {
  const { folder, remove } = copyWithEdits([]);
  expect(existsSync(folder)).toBe(true);
  remove();

  expect(existsSync(folder)).toBe(false);
});

// All of them are looked for by `npm run prove`.
test.each(['commit before outputs', 'no fence', 'a sink’s position outside of the transaction'])(
  'the simulation finds: %s',
  async (name) => {
    const { seeds, violation } = await detectMutant(named(name), { from: 1, count: 500 });

    expect(seeds).not.toBeNull();
    expect(violation?.invariant).toMatch(/^(I[1-6]|drained|ended)$/);
  },
  patienceMs,
);

test(
  'it finds nothing in the engine as it is, copied in the same way',
  async () => {
    const { violation } = await detectMutant({ name: 'none', harm: 'none', edits: [] }, { from: 1, count: 30 });

    expect(violation).toBeNull();
  },
  patienceMs,
);
