import { expect, test } from '@jest/globals';
import type { PlannedTask } from './run-plan.ts';
import { aPlan } from './plan.fixture.ts';
import { indexOf, withAllBehind } from './plan-index.ts';

const fingerprintOf = (change: Parameters<typeof aPlan>[0][number]): string => {
  const plan = aPlan([change]);
  return indexOf(plan).fingerprintOf(plan.tasks[0] as PlannedTask);
};

test('what is behind a task, near and far, each once', () => {
  const index = indexOf(
    aPlan([
      { name: 'a' },
      { name: 'b', dependsOn: ['a'] },
      { name: 'c', dependsOn: ['a', 'b'] },
      { name: 'd' },
      { name: 'e', dependsOn: ['c', 'd'] },
    ]),
  );

  expect([...withAllBehind(index, 'a')]).toEqual(['a', 'b', 'c', 'e']);
  expect([...withAllBehind(index, 'd')]).toEqual(['d', 'e']);
  expect(index.leaves).toEqual(['e']);
});

test('a plan has one index', () => {
  const plan = aPlan([{ name: 'a' }]);

  expect(indexOf(plan)).toBe(indexOf(plan));
});

test('a task is the same whatever the order of its fields, and whatever its retries and limits', () => {
  const same = fingerprintOf({ name: 'a', spec: { source: 's', table: 't' } });

  expect(fingerprintOf({ name: 'a', spec: { table: 't', source: 's' } })).toBe(same);
  expect(fingerprintOf({ name: 'a', spec: { source: 's', table: 't' }, timeoutMs: 5, fallback: 'quarantine_data' })).toBe(same);
  expect(fingerprintOf({ name: 'a', spec: { source: 's', table: 'other' } })).not.toBe(same);
  expect(fingerprintOf({ name: 'a', spec: { source: 's', table: 't' }, fanOut: { over: 'count', count: 2 } })).not.toBe(same);
});
