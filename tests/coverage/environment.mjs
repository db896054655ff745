/** Node's environment for tests, which counts what their files run: in arrays of the worker, written when the worker ends. */
import { TestEnvironment } from 'jest-environment-node';
import { randomUUID } from 'node:crypto';
import { mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { countsDir } from './covered-files.mjs';

/** By path: the cells of each file, to which every test file of the worker adds. */
const counted = new Map();

function cellsOf(path, hash, size) {
  const known = counted.get(path);
  if (known?.hash === hash) return known.cells;
  const cells = new Uint32Array(size);
  counted.set(path, { hash, cells });
  return cells;
}

function write() {
  mkdirSync(countsDir, { recursive: true });
  const files = [...counted].map(([path, { hash, cells }]) => ({ path, hash, cells: [...cells] }));
  // Whole or not at all, and under a name of its own: process ids come again.
  const file = join(countsDir, randomUUID());
  writeFileSync(file, JSON.stringify(files));
  renameSync(file, `${file}.json`);
}

if (countsDir) {
  process.on('exit', write);
  // Jest ends a worker that has something open by a signal; without workers the signal means jest itself.
  if (process.send) process.on('SIGTERM', () => process.exit(0));
}

export default class CountingEnvironment extends TestEnvironment {
  constructor(config, context) {
    super(config, context);
    if (countsDir) this.global.__cellsOf__ = cellsOf;
  }
}
