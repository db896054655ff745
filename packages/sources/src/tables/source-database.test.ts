import { expect, test } from '@jest/globals';
import { VigilError } from '@vigil/core';
import { stateOf, toSourceError, valueOf } from './source-database.ts';

test.each([
  [16, 't', true],
  [16, 'f', false],
  [23, '7', 7],
  [20, '9007199254740993', '9007199254740993'],
  [20, '9007199254740991', 9007199254740991],
  [701, '1e300', 1e300],
  [1700, '0.10', '0.10'],
  [25, 't', 't'],
  [25, null, null],
])('a value of type %i, written %j, is %j', (oid, text, value) => {
  expect(valueOf(oid, text)).toEqual(value);
});

const ofDriver = (code: string): Error => Object.assign(new Error('of the driver'), { code });
class Unforeseen extends Error {}

test.each([
  [ofDriver('42501'), 'SOURCE_DENIED', 'state 42501'],
  [ofDriver('28P01'), 'SOURCE_DENIED', 'state 28P01'],
  [ofDriver('42P01'), 'TABLE_UNFIT', 'state 42P01'],
  [ofDriver('57P01'), 'SOURCE_AWAY', 'state 57P01'],
  [ofDriver('ECONNREFUSED'), 'SOURCE_AWAY', 'state ECONNREFUSED'],
  [new Error('Connection terminated of Jane Doe'), 'SOURCE_AWAY', 'Source ehr.'],
  [new VigilError('TABLE_UNFIT', { detail: 'told before' }), 'TABLE_UNFIT', 'told before'],
])('%s becomes %s, told by its state and no text of the database', (error, code, told) => {
  const own = toSourceError(error, 'ehr') as VigilError;

  expect(own).toMatchObject({ code, message: expect.stringContaining(told) });
  expect(own.message).not.toContain('Jane');
});

test('what is no failure of the source stays what it is', () => {
  const fault = new Unforeseen('of ours');

  expect(toSourceError(fault, 'ehr')).toBe(fault);
  expect([stateOf(null), stateOf({ code: 7 }), stateOf({ code: '57P01' })]).toEqual(['', '', '57P01']);
});
