import { expect, test } from '@jest/globals';
import { meansCode, serviceCategories } from './service-categories.ts';

test('a service is a code, a range of codes of one form, a category, or the rest', () => {
  expect(['99201', '99202', '99215', '99216', '0210', ''].map((code) => meansCode('99202-99215', code))).toEqual([
    false,
    true,
    true,
    false,
    false,
    false,
  ]);
  expect(['J1885', 'J1886'].map((code) => meansCode('J1885', code))).toEqual([true, false]);
  expect(['85025', '0301', '9999', '99213'].map((code) => meansCode('laboratory', code))).toEqual([true, true, false, false]);
  expect(['99213', ''].map((code) => meansCode('*', code))).toEqual([true, true]);
  expect(meansCode('spa', '99213')).toBe(false);
});

test('the categories that a plan may name', () => {
  expect(serviceCategories).toEqual([
    'ambulance',
    'anesthesia',
    'dme',
    'drug',
    'emergency',
    'laboratory',
    'office-visit',
    'preventive',
    'radiology',
    'room-and-board',
    'surgery',
  ]);
});
