import { afterAll, expect, test } from '@jest/globals';
import { writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { temporaryDirectory } from '../test-support/temporary-home.ts';
import { ensureHome, repositoryRoot, stackPaths } from './paths.ts';

const directory = temporaryDirectory();
afterAll(directory.remove);

test('everything lies in .vigil of the checkout, programs in the cache of the user', () => {
  const paths = stackPaths({});
  expect(paths.home).toBe(join(repositoryRoot, '.vigil'));
  expect(paths.stateFile).toBe(join(repositoryRoot, '.vigil', 'stack.json'));
  expect(paths.cache).toBe(join(homedir(), '.cache', 'vigil'));
});

test('VIGIL_HOME moves it, XDG_CACHE_HOME moves the cache', () => {
  const paths = stackPaths({ VIGIL_HOME: '/somewhere', XDG_CACHE_HOME: '/cache' });
  expect(paths).toMatchObject({ home: '/somewhere', keysFile: '/somewhere/keys.json', cache: '/cache/vigil' });
});

test('a home that cannot be made is named', () => {
  writeFileSync(join(directory.path, 'file'), '');
  const home = join(directory.path, 'file', 'home');
  expect(() => ensureHome(stackPaths({ VIGIL_HOME: home }))).toThrow(
    expect.objectContaining({ code: 'DISK_UNWRITABLE', message: expect.stringContaining(home) }),
  );
});
