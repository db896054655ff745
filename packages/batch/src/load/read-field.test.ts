import { expect, test } from '@jest/globals';
import type { LoadColumn, LoadColumnType } from '@vigil/definitions';
import { readField } from './read-field.ts';

const columnOf = (type: LoadColumnType): LoadColumn =>
  type === 'text' ? { type, mostCharacters: 24, required: true } : { type, required: true };
const read = (text: string, type: LoadColumnType, required = true) => readField(text, 'field', { ...columnOf(type), required });

test.each<readonly [LoadColumnType, string, unknown]>([
  ['text', ' Essential hypertension ', 'Essential hypertension'],
  ['integer', '-2147483648', -2_147_483_648],
  ['integer', '+7', 7],
  ['bigint', '9007199254740990', 9_007_199_254_740_990],
  ['double', '.5e3', 500],
  ['boolean', 'Yes', true],
  ['boolean', '0', false],
  ['date', '1970-01-02', 1],
])('%s: %s', (type, text, value) => {
  expect(read(text, type)).toEqual({ ok: true, value });
});

test.each<readonly [LoadColumnType, string, string]>([
  ['text', 'a\0b', 'BAD_SHAPE'],
  ['text', 'Essential hypertensions 2', 'TEXT_TOO_LONG'],
  ['integer', '2147483648', 'BAD_NUMBER'],
  ['integer', '1.0', 'BAD_NUMBER'],
  ['bigint', '9223372036854775807', 'BAD_NUMBER'],
  ['double', '1e999', 'BAD_NUMBER'],
  ['double', '0x10', 'BAD_NUMBER'],
  ['boolean', 'constructor', 'BAD_STATUS'],
  ['date', '2024-02-30', 'BAD_DATE'],
])('%s refuses %j, and does not repeat it', (type, text, code) => {
  const refused = read(text, type);
  expect(refused).toMatchObject({ ok: false, code, field: 'field' });
  expect(JSON.stringify(refused)).not.toContain(text);
});

test('what is empty is missing where its column is required, and none elsewhere', () => {
  expect(read('  ', 'text')).toMatchObject({ ok: false, code: 'MISSING_FIELD' });
  expect(read('  ', 'date', false)).toEqual({ ok: true, value: null });
});
