import { expect, test } from '@jest/globals';
import { VigilError } from '@vigil/core';
import { toDatabaseError } from './database-error.ts';

const failed = (code: string): Error =>
  Object.assign(new Error('Key (name)=(Ann Smith) exists'), { code, severity: 'ERROR', table: 't', column: 'c' });

test.each([
  ['40001', 'DATABASE_CONFLICT'],
  ['40P01', 'DATABASE_CONFLICT'],
  ['55P03', 'DATABASE_CONFLICT'],
  ['57014', 'DATABASE_CONFLICT'],
  ['25P03', 'DATABASE_AWAY'],
  ['57P01', 'DATABASE_AWAY'],
  ['08006', 'DATABASE_AWAY'],
  ['53300', 'DATABASE_AWAY'],
  ['25006', 'DATABASE_AWAY'],
  ['28P01', 'ACCESS_DENIED'],
  ['42501', 'ACCESS_DENIED'],
  ['22P02', 'ROW_REFUSED'],
  ['23505', 'ROW_REFUSED'],
  ['42P01', 'DATABASE_NOT_MIGRATED'],
  ['42703', 'DATABASE_NOT_MIGRATED'],
])('SQLSTATE %s is %s, and no value of the row is repeated', (state, code) => {
  const error = toDatabaseError(failed(state));
  expect(error).toMatchObject({ code, message: expect.stringContaining(`State ${state}. At t.c.`) });
  expect((error as Error).message).not.toContain('Ann');
});

test.each(['ECONNREFUSED', 'ECONNRESET', 'ETIMEDOUT', 'EAI_AGAIN', 'EACCES'])('%s is a database that is away', (code) => {
  expect(toDatabaseError(Object.assign(new Error('x'), { code }))).toMatchObject({ code: 'DATABASE_AWAY' });
});

test('an error of the driver without a code is a broken connection; our own bugs stay what they are', () => {
  expect(toDatabaseError(new Error('Connection terminated unexpectedly'))).toMatchObject({ code: 'DATABASE_AWAY' });
  const bug = new TypeError('x is not a function');
  expect(toDatabaseError(bug)).toBe(bug);
  expect(toDatabaseError(undefined)).toBeUndefined();
  expect(toDatabaseError(failed('42601'))).not.toBeInstanceOf(VigilError);
  const known = new VigilError('FENCED');
  expect(toDatabaseError(known)).toBe(known);
});
