import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { generateReference } from '../reference/generate-reference.ts';
import { generateContracts } from './generate-contracts.ts';
import { readSchemas } from './schema-files.ts';
import { storeEntriesOf } from './store-entries.ts';
import { interfacesOf } from './type-script-of.ts';

const root = join(import.meta.dirname, '../../../..');
const fixture = (name: string): string => join(import.meta.dirname, '../../test-support/fixtures', name);

test('what is generated from the schemas is what is committed: npm run generate', () => {
  for (const { path, text } of generateContracts(root))
    expect({ path, text: readFileSync(join(root, path), 'utf8') }).toEqual({ path, text });
});

test('no derived schema is left over from one that is gone', () => {
  const derived = generateContracts(root).map(({ path }) => path);

  for (const { path } of readSchemas(root).filter((file) => file.path.startsWith('schemas/deid/'))) expect(derived).toContain(path);
});

test('the reference pages are what is committed: npm run generate', () => {
  for (const { path, text } of generateReference(root))
    expect({ path, text: readFileSync(join(root, path), 'utf8') }).toEqual({ path, text });
});

test('a store belongs to a service that keeps state', () => {
  expect(() => generateContracts(fixture('misnamed'))).toThrow('schemas/state/nobody-beds.v1.avsc: name it <service>-<store>.v<N>.avsc');
});

test('a repository without stores has an empty table of them', () => {
  expect(generateContracts(fixture('evolved')).find(({ path }) => path.endsWith('stores.ts'))?.text).toContain(
    'export const stores = [\n]',
  );
});

test('the latest version of a store’s schema counts', () => {
  const schema = { type: 'record', name: 'S', fields: [] } as const;
  const later = { ...schema, name: 'S2' };

  const entries = storeEntriesOf([
    { path: 'schemas/state/device-ingest-recent.v1.avsc', schema },
    { path: 'schemas/state/device-ingest-recent.v2.avsc', schema: later },
  ]);

  expect(entries).toEqual([{ group: 'device-ingest', store: 'recent', schema: later }]);
});

test('two different records of one name cannot both become a type', () => {
  expect(() => generateContracts(fixture('doubled'))).toThrow('two different records are named Bed');
});

test('every Avro type has its TypeScript type', () => {
  const [text] = interfacesOf([
    {
      type: 'record',
      name: 'R',
      fields: [
        { name: 'a', type: { type: 'fixed', name: 'F', size: 1 } },
        { name: 'b', type: { type: 'enum', name: 'E', symbols: ['A', 'B'] } },
        { name: 'c', type: { type: 'map', values: 'bytes' }, doc: 'C.', unit: '%' },
        { name: 'd', type: ['null', { type: 'array', items: 'vigil.R' }] },
        { name: 'e', type: { type: 'long', logicalType: 'timestamp-millis' } },
      ],
    },
  ]);

  expect(text).toBe(`export interface R {
  readonly a: Buffer;
  readonly b: 'A' | 'B';
  /** C. Unit: %. */
  readonly c: Readonly<Record<string, Buffer>>;
  readonly d: null | readonly (R)[];
  readonly e: number;
}
`);
});
