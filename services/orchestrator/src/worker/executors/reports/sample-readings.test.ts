import { expect, test } from '@jest/globals';
import { spread } from './sample-readings.ts';

test('of few records all are read, of many some of each quarter', () => {
  expect(spread(7, 7, 100)).toEqual([]);
  expect(spread(7, 107, 100)).toEqual([{ from: 7, end: 107 }]);
  expect(spread(1000, 2000, 40)).toEqual([
    { from: 1000, end: 1010 },
    { from: 1250, end: 1260 },
    { from: 1500, end: 1510 },
    { from: 1750, end: 1760 },
  ]);
});
