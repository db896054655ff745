import { expect, test } from '@jest/globals';
import {
  basisPoints,
  cents,
  day,
  id,
  orNull,
  pairs,
  shaped,
  text,
  thousandths,
  version,
  whole,
  wholeUpTo,
  words,
  yesOrNo,
  type ReadCell,
} from './csv-cells.ts';

const read = <Value>(cell: ReadCell<Value>, written: string): Value | string => {
  const result = cell(written);
  return result.ok ? result.value : `wrong: ${result.reason}`;
};

test.each<[string, ReadCell<unknown>, string, unknown]>([
  ['whole dollars', cents, '125', 12_500],
  ['one decimal', cents, '125.5', 12_550],
  ['two decimals', cents, '0.07', 7],
  ['an amount that a float would miss', cents, '1.10', 110],
  ['units', thousandths, '1.5', 1500],
  ['a percentage', basisPoints, '20', 2000],
  ['a leap day', day, '2024-02-29', 19_782],
  ['a day before 1970', day, '1969-12-31', -1],
  ['an open end', orNull(day), '', null],
  ['a version', version, '3', 3],
  ['nothing at all', whole, '0', 0],
  ['the most of a number', wholeUpTo(731, 'why'), '731', 731],
  ['a list', words, 'PPO MEDB', ['PPO', 'MEDB']],
  ['an empty list', words, '', []],
  ['settings', pairs, 'a=1 b.c=x', { a: '1', 'b.c': 'x' }],
  ['yes', yesOrNo, 'yes', true],
  ['no', yesOrNo, 'no', false],
])('%s', (_what, cell, written, expected) => {
  expect(read(cell, written)).toEqual(expected);
});

test.each<[string, ReadCell<unknown>, string]>([
  ['three decimals', cents, '1.234'],
  ['a negative amount', cents, '-1'],
  ['a currency sign', cents, '$5'],
  ['an amount with separators', cents, '1,000'],
  ['more than 100 percent', basisPoints, '100.01'],
  ['four decimals of a unit', thousandths, '1.2345'],
  ['a day that does not exist', day, '2023-02-29'],
  ['an American date', day, '03/15/2024'],
  ['version 0', version, '0'],
  ['a fraction', whole, '1.5'],
  ['a fraction of a bounded number', wholeUpTo(9, 'why'), '1.5'],
  ['one more than the most', wholeUpTo(731, 'why'), '732'],
  ['true for yes', yesOrNo, 'true'],
  ['two spaces', words, 'a  b'],
  ['a setting without a value', pairs, 'a='],
  ['white space at an end', text, ' a'],
  ['a control character', text, 'a\u0007'],
  ['an endless text', text, 'x'.repeat(501)],
  ['a missing name', id, ''],
  ['a name that would break the key', id, 'a|b'],
  ['another shape', shaped(/^\d$/, 'digit'), 'x'],
])('%s is refused', (_what, cell, written) => {
  expect(read(cell, written)).toMatch(/^wrong: /);
});
