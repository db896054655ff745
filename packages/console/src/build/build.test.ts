import { afterAll, expect, test } from '@jest/globals';
import { existsSync, globSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { apiDocument } from '../view/api-values.fixture.ts';
import { buildConsole } from './build-console.ts';
import { apiTypesText } from './write-api-types.ts';

const sources = join(import.meta.dirname, '..');
const directory = mkdtempSync(join(tmpdir(), 'vigil-console-'));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

test('the types of the API are those of its document', () => {
  expect(readFileSync(join(sources, 'generated/api-types.ts'), 'utf8')).toBe(apiTypesText(apiDocument));
});

test('what a schema does not say is unknown; what it may leave out is optional', () => {
  const text = apiTypesText({
    paths: {
      '/a': {
        get: { operationId: 'a', responses: { 200: { content: { 'application/json': { schema: { type: 'array' } } } } } },
        post: { operationId: 'b', responses: {} },
      },
      '/c': { get: { operationId: 'c', responses: { 204: {} } } },
    },
    components: {
      schemas: {
        Loose: { type: 'object', additionalProperties: false },
        Tight: { type: 'object', properties: { a: { type: 'boolean' }, b: { type: 'object', additionalProperties: { type: 'integer' } } } },
      },
    },
  });
  expect(text).toContain('export type Loose = Readonly<Record<string, unknown>>;');
  expect(text).toContain('export type Tight = { readonly a?: boolean; readonly b?: Readonly<Record<string, number>> };');
  expect(text).toContain('readonly a: readonly (unknown)[];');
  expect(text).toContain('readonly a: Readonly<Record<never, never>>;');
  expect(text).not.toMatch(/\b[bc]: /);
});

test('the page imports nothing of the fleet: it knows the API alone', () => {
  const pages = globSync('**/*.{ts,tsx}', { cwd: sources }).filter((file) => !file.endsWith('.test.ts'));
  expect(pages.length).toBeGreaterThan(20);
  for (const file of pages) expect(readFileSync(join(sources, file), 'utf8')).not.toMatch(/from '(@vigil\/|.*\.\.\/\.\.\/\.\.\/)/);
});

test('it is built where what lies there is of other sources, and not again', async () => {
  const place = join(directory, 'dist');
  mkdirSync(place);
  writeFileSync(join(place, '.sources'), 'other');
  writeFileSync(join(place, 'left-over'), '');
  expect(await buildConsole(place)).toEqual({ directory: place, outcome: 'built' });
  expect(existsSync(join(place, 'left-over'))).toBe(false);
  expect(readFileSync(join(place, 'index.html'), 'utf8')).not.toMatch(/<script(?![^>]*\bsrc=)|<style|style=/);
  expect(await buildConsole(place)).toEqual({ directory: place, outcome: 'unchanged' });
}, 60_000);
