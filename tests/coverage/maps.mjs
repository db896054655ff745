/** What the cells of counted files mean, by the hash that stands in their code: jest keeps that code from run to run, too. */
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './covered-files.mjs';

const folder = join(root, 'node_modules/.cache/vigil-coverage');
const fileOf = (hash) => join(folder, `${hash}.json`);

export function keepMap(map) {
  mkdirSync(folder, { recursive: true });
  // Two workers may write the same one.
  const whole = join(folder, `${map.hash}.${process.pid}`);
  writeFileSync(whole, JSON.stringify(map));
  renameSync(whole, fileOf(map.hash));
}

/** @returns undefined when this checkout never made that code: jest's cache is shared by all of them */
export function findMap(hash) {
  try {
    return JSON.parse(readFileSync(fileOf(hash), 'utf8'));
  } catch (error) {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  }
}
