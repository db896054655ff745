/** Node's environment for tests, which keeps what their files counted: added up per worker, written when the worker ends. */
import { TestEnvironment } from 'jest-environment-node';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { countsDir } from './covered-files.mjs';

/** By path; the maps are those of the first test file that loaded it. */
const sums = new Map();

function addNumbers(sum, counts) {
  for (const key in counts) {
    const value = counts[key];
    if (typeof value === 'number') sum[key] += value;
    else addNumbers(sum[key], value);
  }
}

function add(coverage) {
  for (const path in coverage) {
    const file = coverage[path];
    const known = sums.get(path);
    // A copy: what came from the test's world must not keep that world alive.
    if (!known || known.hash !== file.hash) sums.set(path, JSON.parse(JSON.stringify(file)));
    else for (const kind of ['s', 'f', 'b']) addNumbers(known[kind], file[kind]);
  }
}

function write() {
  mkdirSync(countsDir, { recursive: true });
  writeFileSync(join(countsDir, `${process.pid}.json`), JSON.stringify(Object.fromEntries(sums)));
}

if (countsDir) {
  process.on('exit', write);
  // Jest ends a worker that has something open by a signal.
  process.on('SIGTERM', () => process.exit(0));
}

export default class CountingEnvironment extends TestEnvironment {
  async teardown() {
    if (countsDir) add(this.global.__coverage__ ?? {});
    await super.teardown();
  }
}
