import { expect, test } from '@jest/globals';
import { setFlagsFromString } from 'node:v8';
import { runInThisContext } from 'node:vm';
import { doublesOf, zeroDoubles } from './doubles.ts';
import { neverMeasured, noGaps } from './patient/patient-clock.ts';

setFlagsFromString('--allow-natives-syntax');
const isOfDoubles = runInThisContext('(numbers) => %HasDoubleElements(numbers)') as (numbers: readonly number[]) => boolean;

test('all arrays of the hot path are of doubles, whatever numbers they hold: in others each number is an object of its own', () => {
  for (const numbers of [zeroDoubles(48), doublesOf([0, 1, 2]), doublesOf([0.5]), neverMeasured, noGaps])
    expect(isOfDoubles(numbers)).toBe(true);
  expect([zeroDoubles(2), doublesOf([1, 2.5])]).toEqual([
    [0, 0],
    [1, 2.5],
  ]);
});
