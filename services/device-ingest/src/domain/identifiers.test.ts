import { expect, test } from '@jest/globals';
import { displayTextOf, identifierProblem, repeatedDisplayText } from './identifiers.ts';

test.each(['MONITOR_001', 'a', 'x'.repeat(128), 'Gerät 7', '患者-12', '😀'.repeat(128), 'a b'])('%s is an identifier', (id) => {
  expect(identifierProblem(id)).toBeNull();
});

test.each([
  ['absent', undefined, 'MISSING_ID'],
  ['null', null, 'MISSING_ID'],
  ['empty', '', 'MISSING_ID'],
  ['a number', 12, 'BAD_SHAPE'],
  ['an object', {}, 'BAD_SHAPE'],
  ['129 characters', 'x'.repeat(129), 'BAD_ID'],
  ['129 characters outside the basic plane', '😀'.repeat(129), 'BAD_ID'],
  ['10 kB', 'x'.repeat(10_240), 'BAD_ID'],
  ['a line feed', 'PAT\n1', 'BAD_ID'],
  ['a zero byte', 'PAT\u0000', 'BAD_ID'],
  ['a right-to-left override', 'PAT_\u202e1', 'BAD_ID'],
  ['a zero-width space', 'PAT_\u200b1', 'BAD_ID'],
  ['half a surrogate pair', 'PAT_\ud83d', 'BAD_ID'],
  ['a paragraph separator', 'PAT\u20291', 'BAD_ID'],
  ['a space at the end', 'PAT_1 ', 'BAD_ID'],
  ['spaces only', '   ', 'BAD_ID'],
])('an identifier that is %s is refused', (_what, id, code) => {
  expect(identifierProblem(id)).toBe(code);
});

test('text to be shown is cleaned, never refused', () => {
  expect(displayTextOf('ICU')).toBe('ICU');
  expect(displayTextOf(' ICU\u0000\n 2 ')).toBe('ICU   2');
  expect(displayTextOf('w'.repeat(10_000))).toBe('w'.repeat(128));
  expect(displayTextOf('😀'.repeat(200))).toBe('😀'.repeat(128));
  expect(displayTextOf(7)).toBe('');
  expect(displayTextOf(undefined)).toBe('');
});

test('text that repeats itself is shown as if it had come for the first time', () => {
  const shown = repeatedDisplayText();
  for (const value of ['ICU', 'ICU', ' ICU ', ' ICU ', '', undefined, 7, 'ICU', 'w'.repeat(200), 'w'.repeat(128), null, ''])
    expect(shown(value)).toBe(displayTextOf(value));
});
