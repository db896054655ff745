import { expect, test } from '@jest/globals';
import { parseDemoOptions } from './demo-options.ts';

const flags = { seconds: '25', rate: '50', seed: '1' };

test('flags become options', () => {
  expect(parseDemoOptions({ ...flags, report: 'r.json', keep: true, source: 'physionet2019:/data/setB' })).toEqual({
    seconds: 25,
    rate: 50,
    seed: 1,
    report: 'r.json',
    keep: true,
    physionet2019: '/data/setB',
  });
  expect(parseDemoOptions(flags)).toMatchObject({ keep: false, physionet2019: undefined, report: undefined });
});

test.each([
  [{ seconds: 'soon' }, '--seconds takes a whole number from 10 to 3600.'],
  [{ seconds: '9' }, '--seconds'],
  [{ rate: '2.5' }, '--rate takes a whole number from 8 to 20000.'],
  [{ seed: '-1' }, '--seed'],
  [{ seed: '' }, '--seed'],
  [{ rate: '0x10' }, '--rate'],
  [{ source: 'mimic:/data' }, '--source takes physionet2019:DIR.'],
  [{ source: 'physionet2019:' }, '--source takes physionet2019:DIR.'],
])('%j is refused with what the flag takes', (bad, message) => {
  expect(() => parseDemoOptions({ ...flags, ...bad })).toThrow(message);
});
