import { afterAll, expect, test } from '@jest/globals';
import { mkdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { temporaryDirectory } from '../test-support/temporary-home.ts';
import { stackPaths } from './paths.ts';
import { ensureSecrets } from './secrets.ts';
import { readJsonFile, readState, writeState, type StackState } from './state-file.ts';

const directory = temporaryDirectory();
afterAll(directory.remove);
const file = (name: string): string => join(directory.path, name);
const state: StackState = { version: 1, ports: { kafka: 1 }, parts: {}, databasePassword: 'secret' };

test('what was written is read, by its owner only', () => {
  expect(readState(file('stack.json'))).toBeUndefined();
  writeState(file('stack.json'), state);
  expect(readState(file('stack.json'))).toEqual(state);
  expect(statSync(file('stack.json')).mode & 0o777).toBe(0o600);
});

test('a damaged file, an unreadable one and an unwritable one are named', () => {
  writeFileSync(file('damaged'), '{');
  mkdirSync(file('directory'));
  expect(() => readState(file('damaged'))).toThrow(
    expect.objectContaining({ code: 'BAD_SETTINGS', message: expect.stringContaining('damaged') }),
  );
  expect(() => readState(file('directory'))).toThrow(expect.objectContaining({ code: 'DISK_UNWRITABLE' }));
  expect(() => writeState(file('nowhere/stack.json'), state)).toThrow(expect.objectContaining({ code: 'DISK_UNWRITABLE' }));
});

test('secrets are made once and never replaced', () => {
  const paths = stackPaths({ VIGIL_HOME: directory.path });
  ensureSecrets(paths);
  const keys = readJsonFile<Record<string, { id: string; secret: string }>>(paths.keysFile);
  expect(Object.keys(keys ?? {})).toEqual(['token', 'dataset', 'data']);
  expect(Buffer.from(keys?.['token']?.secret ?? '', 'base64')).toHaveLength(32);
  expect(statSync(paths.keysFile).mode & 0o777).toBe(0o600);
  expect(statSync(paths.apiKeyFile).mode & 0o777).toBe(0o600);
  ensureSecrets(paths);
  expect(readJsonFile(paths.keysFile)).toEqual(keys);
});
