import { expect, test } from '@jest/globals';
import { fillParameters, namedParameters } from './parameter-references.ts';

test('a text that is a reference takes the type of the parameter, one within a text its letters, at any depth', () => {
  const spec = { k: '${parameters.k}', deep: [{ text: 'k is ${parameters.k} of ${parameters.region}', other: null, size: 7 }] };

  expect(fillParameters(spec, { k: 11, region: 'eu' })).toEqual({ k: 11, deep: [{ text: 'k is 11 of eu', other: null, size: 7 }] });
});

test('a parameter that the run lacks stays as it is written, also one named like a method', () => {
  const spec = { a: '${parameters.toString}', b: 'in ${parameters.region}' };

  expect(fillParameters(spec, {})).toEqual(spec);
});

test('every parameter that is named anywhere is told once', () => {
  expect(namedParameters({ a: ['${parameters.k} ${parameters.region}'], b: '${parameters.k}', c: '${other.x}' })).toEqual(['k', 'region']);
});
