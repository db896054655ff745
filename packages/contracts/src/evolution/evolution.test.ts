import { globSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { readSchemas } from '../generation/schema-files.ts';
import { compatibilityProblems, readProblems } from './read-problems.ts';
import { releaseFiles, releasePathOf, releaseProblems, unreleased } from './releases.ts';

const root = join(import.meta.dirname, '../../../..');
const fixture = (name: string): string => join(import.meta.dirname, '../../test-support/fixtures', name);
const record = (...fields: readonly unknown[]) => ({ type: 'record', name: 'R', fields });
const letters = (...symbols: readonly string[]) => ({ type: 'enum', name: 'E', symbols });

test('every schema is compatible, both ways, with every form in which it was released', () => {
  expect(releaseProblems(root, readSchemas(root))).toEqual([]);
});

test('an edit that a released form cannot live with is named', () => {
  const problems = releaseProblems(fixture('incompatible'), readSchemas(fixture('incompatible')));

  expect(problems.map((problem) => problem.split('. Released')[0])).toEqual([
    'schemas/ward/bed-moved.v1.avsc: cannot read release 1: vigil.ward.BedMoved.bedId cannot be read: string as long',
    'schemas/ward/bed-moved.v1.avsc: cannot read release 1: vigil.ward.BedMoved.wing has no default, and what was written without it cannot be read',
    'schemas/ward/bed-moved.v1.avsc: release 1 cannot read it: vigil.ward.BedMoved.bedId cannot be read: long as string',
    'schemas/ward/bed-moved.v1.avsc: release 1 cannot read it: vigil.ward.BedMoved.floor cannot be read: long as int',
    'schemas/ward/bed-moved.v1.avsc: release 1 cannot read it: vigil.ward.BedMoved.corridor has no default, and what was written without it cannot be read',
  ]);
});

test('a compatible edit is added to the releases; other words alone are no new release', () => {
  const files = readSchemas(fixture('evolved'));
  const [release] = releaseFiles(fixture('evolved'), files);

  expect(releaseProblems(fixture('evolved'), files)).toEqual([]);
  expect(release?.path).toBe('schemas/released/ward/bed-moved.v1.json');
  expect(JSON.parse(release?.text ?? '')).toHaveLength(2);
  expect(releasePathOf('schemas/a/b.v1.avsc')).toBe('schemas/released/a/b.v1.json');
});

test.each([
  ['a field with a default appears or goes', record(), record({ name: 'f', type: 'int', default: 0 })],
  ['an enum with a default grows', { ...letters('A'), default: 'A' }, { ...letters('A', 'B'), default: 'A' }],
  ['nothing changes', record({ name: 'f', type: { type: 'map', values: ['null', { type: 'array', items: 'int' }] } }), record({ name: 'f', type: { type: 'map', values: ['null', { type: 'array', items: 'int' }] } })],
  ['a record holds itself', record({ name: 'f', type: ['null', 'R'] }), record({ name: 'f', type: ['null', 'R'] })],
])('compatible: %s', (_, released, schema) => {
  expect(compatibilityProblems(schema, [released])).toEqual([]);
}); // prettier-ignore

test.each([
  ['a field becomes nullable', record({ name: 'f', type: 'int', default: 0 }), record({ name: 'f', type: ['null', 'int'], default: null })],
  ['int becomes long', record({ name: 'f', type: 'int', default: 0 }), record({ name: 'f', type: 'long', default: 0 })],
  ['a field without a default goes', record({ name: 'f', type: 'int' }), record()],
  ['an enum grows', letters('A'), letters('A', 'B')],
  ['the items of a list change', { type: 'array', items: 'int' }, { type: 'array', items: 'string' }],
  ['the values of a map change', { type: 'map', values: 'int' }, { type: 'map', values: 'string' }],
  ['a record changes its name', record(), { ...record(), name: 'S' }],
  ['a fixed changes its size', { type: 'fixed', name: 'F', size: 1 }, { type: 'fixed', name: 'F', size: 2 }],
])('incompatible: %s', (_, released, schema) => {
  expect(compatibilityProblems(schema, [released])).not.toEqual([]);
});

test('transitive: the release before the last counts too', () => {
  const [first, second] = [record({ name: 'f', type: 'int', default: 0 }), record()];

  expect(compatibilityProblems(record({ name: 'f', type: 'string', default: '' }), [second])).toEqual([]);
  expect(compatibilityProblems(record({ name: 'f', type: 'string', default: '' }), [first, second])).not.toEqual([]);
});

test('a renamed field is read by its alias, one way', () => {
  expect(readProblems(record({ name: 'old', type: 'int' }), record({ name: 'new', aliases: ['old'], type: 'int' }))).toEqual([]);
});

test('what was never released has no releases', () => {
  expect(unreleased(fixture('doubled'), readSchemas(fixture('doubled')))).toHaveLength(2);
});

test('every schema is released as it stands: npm run generate -- --release', () => {
  expect(unreleased(root, readSchemas(root)).map(({ path }) => path)).toEqual([]);
});

test('no schema is gone that was released: its topic may still hold what was written with it', () => {
  const present = readSchemas(root).map(({ path }) => releasePathOf(path));

  expect(globSync('schemas/released/**/*.json', { cwd: root }).filter((path) => !present.includes(path))).toEqual([]);
});
