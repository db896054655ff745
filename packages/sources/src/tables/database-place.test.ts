import { expect, test } from '@jest/globals';
import { createReferenceResolver } from '../resolve-reference.ts';
import { databasePlace } from './database-place.ts';

const placeOf = (url: string) => databasePlace({ env: 'A' }, { source: 's', resolve: createReferenceResolver({ A: url }) });

test.each([
  'postgres://db.example/research',
  'postgresql://someone:secret@DB.example:5432/research',
  'postgres://other@db.example/research?sslmode=disable',
])('%s is one database, whoever logs in', (url) => {
  expect(placeOf(url)).toBe('db.example:5432/research');
});

test.each(['postgres://db.example/other', 'postgres://db.example:5433/research', 'postgres://db2.example/research'])(
  '%s is another one',
  (url) => {
    expect(placeOf(url)).not.toBe('db.example:5432/research');
  },
);

test('an address that is not set, or is none, has no place', () => {
  expect(() => placeOf('')).toThrow('A is not set');
  expect(() => placeOf('research')).toThrow('is no URL');
});
