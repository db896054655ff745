import { expect, test } from '@jest/globals';
import type { Condition } from '../plan/run-plan.ts';
import { conditionHolds, writeCondition } from './condition-holds.ts';
import { waitingTask } from './draft.ts';

const read = {
  ...waitingTask,
  status: 'succeeded',
  result: { counts: { written: 3 }, values: { day: '2026-01-05', full: true, list: [1] }, ref: null },
} as const;
const run = { parameters: { limit: 10, name: 'north', nested: { deep: 1 } }, tasks: { read } };

test.each<[string, Condition['operator'], Condition['right'], boolean]>([
  ['read.counts.written', '>', 0, true],
  ['read.counts.written', '>', 3, false],
  ['read.counts.written', '>=', 3, true],
  ['read.counts.written', '<=', 3, true],
  ['read.counts.written', '<', 3, false],
  ['read.counts.written', '==', 3, true],
  ['read.counts.written', '!=', 3, false],
  ['read.status', '==', 'succeeded', true],
  ['read.values.day', '<', '2026-02-01', true],
  ['read.values.full', '==', true, true],
  ['parameters.name', '==', 'north', true],
  ['parameters.nested.deep', '==', 1, true],
  // Nothing is converted.
  ['read.counts.written', '==', '3', false],
  ['read.counts.written', '<', '9', false],
  ['read.values.full', '>', false, false],
  // What is not there differs from everything.
  ['read.counts.missing', '==', 0, false],
  ['read.counts.missing', '!=', 0, true],
  ['read.counts.missing', '<', 1, false],
  ['nobody.status', '==', 'succeeded', false],
  ['constructor.name', '!=', 'Object', true],
  ['read.values.day.length', '==', 10, false],
  ['read.error.code', '==', 'UNKNOWN', false],
])('%s %s %p: %p', (left, operator, right, expected) => {
  expect(conditionHolds({ left: left.split('.'), operator, right }, run)).toBe(expected);
});

test('a condition is written as a person wrote it', () => {
  expect(writeCondition({ left: ['read', 'status'], operator: '==', right: 'succeeded' })).toBe('read.status == "succeeded"');
});
