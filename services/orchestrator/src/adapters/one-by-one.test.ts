import { expect, test } from '@jest/globals';
import { VigilError } from '@vigil/core';
import { takeOneByOne } from './one-by-one.ts';

const fault = new VigilError('ROW_REFUSED');
const away = new VigilError('DATABASE_AWAY');
const workOf = (fails: Readonly<Record<string, Error>>, postponed: string[] = []) => ({
  all: () => (fails['all'] ? Promise.reject(fails['all']) : Promise.resolve('all')),
  names: async () => ['a', 'b', 'c'],
  one: (name: string) => (fails[name] ? Promise.reject(fails[name]) : Promise.resolve(name)),
  postpone: async (name: string) => void postponed.push(name),
});

test('a batch without a fault is taken at once; after a fault its rows are taken singly and only the bad one is put off', async () => {
  expect(await takeOneByOne(workOf({}))).toEqual(['all']);
  const postponed: string[] = [];
  expect(await takeOneByOne(workOf({ all: fault, b: fault }, postponed))).toEqual(['a', 'c']);
  expect(postponed).toEqual(['b']);
});

test('a database that is away puts nothing off', async () => {
  const postponed: string[] = [];
  await expect(takeOneByOne(workOf({ all: away }, postponed))).rejects.toBe(away);
  await expect(takeOneByOne(workOf({ all: fault, b: away }, postponed))).rejects.toBe(away);
  expect(postponed).toEqual([]);
});
