import { expect, test } from '@jest/globals';
import { fieldTable, valuesOf } from './field-table.ts';
import type { JsonSchema } from './json-schemas.ts';

test.each<readonly [object, string]>([
  [{ const: 'cron' }, '`cron`'],
  [{ const: '' }, '`""`'],
  [{ enum: ['a', 1] }, '`a`, `1`'],
  [{ anyOf: [{ type: 'string' }, { type: 'number' }] }, 'string or number'],
  [{ oneOf: Array.from({ length: 5 }, () => ({ type: 'string' })) }, 'one of the kinds below'],
  [{ prefixItems: [{ type: 'string' }, { const: 1 }] }, 'list of 2: string, `1`'],
  [{ items: { type: 'string' } }, 'list of string'],
  [{ properties: { a: {}, b: {} } }, '{a, b}'],
  [{ additionalProperties: { type: 'string' } }, 'values by name'],
  [{ additionalProperties: false, type: 'object' }, 'object'],
  [{}, 'any value'],
])('%j takes %s', (schema, text) => {
  expect(valuesOf(schema as JsonSchema)).toBe(text);
});

test('a table has a row for each field and those within it, and none for what is told elsewhere', () => {
  const schema = {
    properties: {
      name: { type: 'string', description: 'a | b' },
      retry: { properties: { attempts: { type: 'integer', default: 0 } } },
      tasks: { type: 'array' },
    },
    required: ['name'],
  };

  expect(
    fieldTable(schema as unknown as JsonSchema, ['tasks'])
      .split('\n')
      .slice(2),
  ).toEqual(['| `name` | string | required | a \\| b |', '| `retry` | {attempts} |  |  |', '| `retry.attempts` | integer | `0` |  |', '']);
  expect(fieldTable({})).toBe('');
});
