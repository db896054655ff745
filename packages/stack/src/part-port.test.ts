import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { partPort } from './part-port.ts';
import { stackPaths } from './paths.ts';

test('a port is told as long as it is kept, and none before the first start', () => {
  const paths = stackPaths({ VIGIL_HOME: mkdtempSync(join(tmpdir(), 'vigil-port-')) });

  expect(partPort('kafka', paths)).toBeUndefined();
  writeFileSync(paths.stateFile, JSON.stringify({ version: 1, ports: { kafka: 4711 }, parts: {} }));
  expect(partPort('kafka', paths)).toBe(4711);
  expect(partPort('nothing', paths)).toBeUndefined();
});
