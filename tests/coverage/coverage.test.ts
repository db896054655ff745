import { expect, test } from '@jest/globals';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runInNewContext } from 'node:vm';
import { keepMap } from './maps.mjs';
import { addCounters, withCounts } from './transform.mjs';

const root = join(import.meta.dirname, '../..');
const path = join(root, 'packages/core/src/clock.ts');

/** What `code`, told to be of `path`, counts when it runs. */
function countsOf(code: string) {
  const counted: { hash: string; cells: Uint32Array }[] = [];
  const cellsOf = (_path: string, hash: string, size: number): Uint32Array => {
    const cells = new Uint32Array(size);
    counted.push({ hash, cells });
    return cells;
  };
  const { code: counting, map } = addCounters(code, path);
  keepMap(map);
  runInNewContext(counting, { __cellsOf__: cellsOf });
  const [{ hash, cells } = { hash: '', cells: new Uint32Array() }] = counted;
  return { path, hash, cells: [...cells], map: withCounts(map, cells) };
}

test('a branch that did not run counts zero', () => {
  const { map } = countsOf('const f = (x) => (x ? 1 : 2); f(true); f(true);');

  expect(map).toMatchObject({ b: { 0: [2, 0] }, f: { 0: 2 } });
  expect(Object.values(map.s)).toEqual([1, 2, 1, 1]);
});

interface Gated {
  readonly status: number | null;
  readonly stderr: string;
}

/** Holds what workers counted, each its own runs of the code, against the gate. */
function gate(...workers: readonly string[]): Gated {
  const folder = mkdtempSync(join(tmpdir(), 'vigil-coverage-'));
  for (const [worker, code] of workers.entries()) writeFileSync(join(folder, `${worker}.json`), JSON.stringify([countsOf(code)]));
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

test('what workers reached adds up', () => {
  const of = (argument: 0 | 1): string => `const f = (x) => (x ? 1 : 2); f(${argument});`;

  expect(gate(of(0), of(0)).status).toBe(1);
  expect(gate(of(0), of(1)).status).toBe(0);
});

test('a file that has changed since it was counted is told, not counted otherwise', () => {
  const folder = mkdtempSync(join(tmpdir(), 'vigil-coverage-'));
  writeFileSync(join(folder, '1.json'), JSON.stringify([{ path, hash: 'of another file', cells: [1] }]));
  const { status, stderr } = spawnSync(process.execPath, ['tests/coverage/report.mjs', folder], { cwd: root, encoding: 'utf8' });
  rmSync(folder, { recursive: true });

  expect(status).not.toBe(0);
  expect(stderr).toContain(`${path} is not the file that was counted.`);
});
