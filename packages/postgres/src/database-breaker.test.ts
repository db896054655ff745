import { expect, test } from '@jest/globals';
import { createDatabaseBreaker } from './database-breaker.ts';

const away = (): Promise<never> => Promise.reject(Object.assign(new Error('refused'), { code: 'ECONNREFUSED' }));

test('a database that is away again and again is not asked for a while', async () => {
  const guarded = createDatabaseBreaker();
  const codes: unknown[] = [];
  for (let call = 0; call < 60; call++) codes.push(await guarded(away).catch((error: { code: unknown }) => error.code));

  expect(codes[0]).toBe('DATABASE_AWAY');
  expect(codes.at(-1)).toBe('BREAKER_OPEN');
});

test('answers pass through, and failures of the caller open nothing', async () => {
  const guarded = createDatabaseBreaker();
  expect(await guarded(() => Promise.resolve(1))).toBe(1);
  for (let call = 0; call < 60; call++)
    await expect(guarded(() => Promise.reject(new TypeError('ours')))).rejects.toBeInstanceOf(TypeError);
});
