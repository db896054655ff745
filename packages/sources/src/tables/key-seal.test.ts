import { expect, test } from '@jest/globals';
import { plainSeal } from '../../test-support/trials.ts';
import { openKeyOf, sealKeyOf } from './key-seal.ts';

const sealed = sealKeyOf({ trial: 'T1', patient: 'P1', arm: 'A' }, ['trial', 'patient'], plainSeal);

test('a sealed key gives back the columns of the key, and no others', () => {
  expect(openKeyOf(sealed, ['trial', 'patient'], plainSeal)).toEqual({ trial: 'T1', patient: 'P1' });
});

test.each([
  ['other columns', ['trial', 'site']],
  ['the same in another order', ['patient', 'trial']],
  ['fewer', ['trial']],
])('where the key is declared by %s by now it names no row', (_how, key) => {
  expect(openKeyOf(sealed, key, plainSeal)).toBeNull();
});

test('a key that was sealed without its columns, or never, names no row', () => {
  expect(openKeyOf(plainSeal.seal('["T1","P1"]'), ['trial', 'patient'], plainSeal)).toBeNull();
  expect(openKeyOf(null, ['trial', 'patient'], plainSeal)).toBeNull();
});
