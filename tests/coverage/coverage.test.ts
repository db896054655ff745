import { expect, test } from '@jest/globals';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runInNewContext } from 'node:vm';
import { addCounters } from './transform.mjs';

const root = join(import.meta.dirname, '../..');
const path = join(root, 'packages/core/src/clock.ts');

interface Counts {
  readonly path: string;
  readonly b: Readonly<Record<string, readonly number[]>>;
}

/** What `code`, told to be of `path`, counts when it runs. */
function countsOf(code: string): Counts {
  const world: { __coverage__?: Record<string, Counts> } = {};
  runInNewContext(addCounters(code, path), world);
  return Object.values(world.__coverage__ ?? {})[0] as Counts;
}

test('a branch that did not run counts zero', () => {
  expect(countsOf('const f = (x) => (x ? 1 : 2); f(true);').b['0']).toEqual([1, 0]);
});

/** Holds what `code` counted against the gate. */
function gate(code: string): { readonly status: number | null; readonly stderr: string } {
  const folder = mkdtempSync(join(tmpdir(), 'vigil-coverage-'));
  writeFileSync(join(folder, '1.json'), JSON.stringify({ [path]: countsOf(code) }));
  const { status, stderr } = spawnSync(process.execPath, ['tests/coverage/report.mjs', folder, 'packages/core/src/clock.ts'], {
    cwd: root,
    encoding: 'utf8',
  });
  rmSync(folder, { recursive: true });
  return { status, stderr };
}

test('what no test reached is below the gate', () => {
  const { status, stderr } = gate('const f = (x) => (x ? 1 : 2); f(true);');

  expect(stderr).toContain('branches: 50 % is below the gate of');
  expect(status).toBe(1);
});

test('what tests reached passes the gate', () => {
  expect(gate('const f = (x) => (x ? 1 : 2); f(true); f(false);')).toEqual({ status: 0, stderr: '' });
});
