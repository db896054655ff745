import { expect, test } from '@jest/globals';
import { rules } from '../../test-support/samples.ts';
import { zip3Of } from './zip3.ts';

test.each<[string | null, string | null]>([
  ['94301', '943'],
  ['94301-1234', '943'],
  ['943011234', '943'],
  ['03601', '000'],
  ['20301', '000'],
  ['20501', '000'],
  ['36901', '000'],
  ['83001-0001', '000'],
  ['9430', null],
  ['Palo Alto 94301', null],
  ['', null],
  [null, null],
])('the ZIP code %s becomes %s', (zip, expected) => {
  expect(zip3Of(zip, rules.restrictedZip3)).toBe(expected);
});

test('the restricted areas are the union of both census lists', () => {
  const census2000 = '036 059 063 102 203 556 692 790 821 823 830 831 878 879 884 890 893'.split(' ');
  const census2010 = '036 059 102 203 205 369 556 692 821 823 878 879 884 893'.split(' ');
  expect([...rules.restrictedZip3].sort()).toEqual([...new Set([...census2000, ...census2010])].sort());
});
