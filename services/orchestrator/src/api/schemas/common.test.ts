import { expect, test } from '@jest/globals';
import { bySchema, parametersSchema } from './common.ts';

test('parameters are at most 64 KiB: every task carries them in its message', () => {
  expect(parametersSchema.safeParse({ a: 'x'.repeat(65_528) }).success).toBe(true);
  expect(parametersSchema.safeParse({ a: 'x'.repeat(65_529) }).success).toBe(false);
});

test.each([
  ['NUL', '\0'],
  ['half of a surrogate pair', '\ud83d'],
])('%s, which PostgreSQL does not keep, is refused and not stumbled over', (_, text) => {
  expect(parametersSchema.safeParse({ a: [{ b: text }] }).success).toBe(false);
  expect(parametersSchema.safeParse({ [text]: 1 }).success).toBe(false);
  expect(bySchema.safeParse({ by: `a${text}` }).success).toBe(false);
  expect(bySchema.safeParse({ reason: text }).success).toBe(false);
});

test('a whole pair, and a text that only spells an escape, are kept', () => {
  const parameters = { a: '😀', b: String.raw`\u0000` };
  expect(parametersSchema.parse(parameters)).toEqual(parameters);
});
