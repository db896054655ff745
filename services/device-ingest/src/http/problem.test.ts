import { expect, test } from '@jest/globals';
import { errorCatalogue } from '@vigil/core';
import { messageOf, problemBody } from './problem.ts';

test('every code of the catalogue has words, so has every exclusion', () => {
  for (const code of [...Object.keys(errorCatalogue), 'OUT_OF_RANGE', 'ZERO_SIGNAL', 'UNKNOWN_UNIT'])
    expect(messageOf(code).length).toBeGreaterThan(20);
});

test('a code that nobody knows gives nothing away', () => {
  expect(messageOf('constructor')).toBe('The value cannot be used.');
});

test('a problem has the members of RFC 9457', () => {
  expect(problemBody({ status: 404, name: 'not-found', title: 't', detail: 'd' })).toEqual({
    type: 'urn:vigil:problem:not-found',
    title: 't',
    status: 404,
    detail: 'd',
  });
});
