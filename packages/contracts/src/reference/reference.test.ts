import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { errorCatalogue } from '@vigil/core';
import { allTopics } from '../all-topics.ts';
import { table } from './markdown.ts';
import { schemasReference } from './schemas-reference.ts';

const page = (name: string): string => readFileSync(join(import.meta.dirname, '../../../../docs/reference', name), 'utf8');
const firstCells = (text: string): string[] => [...text.matchAll(/^\| `([^`]+)` \|/gm)].map(([, name]) => name ?? '');

test('the errors page has the codes of the catalogue, all of them and no others', () => {
  const [, codes = ''] = page('errors.md').split('## Codes');

  expect(firstCells(codes).sort()).toEqual(Object.keys(errorCatalogue).sort());
});

test('the topics page has every topic there is and no others', () => {
  const names = allTopics({ chainPartitions: 1, replicationFactor: 1 }).map(({ name }) => name);

  expect(firstCells(page('topics.md')).sort()).toEqual(names.sort());
});

test('a bar in a cell does not end it', () => {
  expect(table(['a|b'], [['c\nd']])).toBe('| a\\|b |\n| --- |\n| c d |');
});

test('a schema with everything in it is described', () => {
  const inner = { type: 'record', name: 'Inner', doc: 'Within.', fields: [{ name: 'x', type: 'int', phi: 'none' }] } as const;
  const text = schemasReference([
    {
      path: 'schemas/a/b.v1.avsc',
      schema: {
        type: 'record',
        name: 'Outer',
        fields: [
          { name: 'map', type: { type: 'map', values: ['null', inner] }, phi: 'email', deid: 'drop' },
          { name: 'logical', type: { type: 'long', logicalType: 'timestamp-millis' }, phi: 'none', deid: [{ rule: 'keyed-id' }] },
          { name: 'fixed', type: { type: 'fixed', name: 'F', size: 1 }, phi: 'none', deid: 'keep' },
          { name: 'bare', type: { type: 'string' }, phi: 'none', deid: 'keep' },
        ],
      },
    },
  ]);

  expect(text).toContain('| `map` | map of null or Inner | required | email | drop |');
  expect(text).toContain('| `logical` | long (timestamp-millis) | required | none | keyed-id |');
  expect(text).toContain('| `bare` | string | required | none | keep |');
  expect(text).toContain('#### Inner\n\nWithin.');
  expect(text).toContain('| `x` | int | required | none | ? |');
  expect(text).toContain('`Outer.map`');
});
