import { expect, test } from '@jest/globals';
import { beyondRhythm } from './world.ts';

test.each([
  ['vitals-windowing', 4, 4],
  ['warehouse-loader.lake', 14, 0],
  ['warehouse-loader.archive', 40, 25],
  ['warehouse-loader.warehouse', 4, 4],
])('%s that is %d s behind is %d s behind what it should be', (group, lagSeconds, expected) => {
  expect(beyondRhythm({ group, lagSeconds })).toBe(expected);
});
