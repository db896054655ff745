import { relative } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = fileURLToPath(new URL('../..', import.meta.url));

/** Folder that the workers of a run write their counts to; unset = nothing is counted. */
export const countsDir = process.env['VIGIL_COVERAGE_DIR'];

const counted = /^(?:packages|services)\/[^/]+\/src\/.*\.ts$/;
/** The exclusions are the whole list: generated code, wiring, tests and what stands beside them, and what needs a container engine. */
const left = /\/generated\/|\/main\.ts$|\.test\.ts$|^packages\/stack\/src\/containers\//;

/** @param {string} path  absolute */
export function isCounted(path) {
  const name = relative(root, path).replaceAll('\\', '/');
  return counted.test(name) && !left.test(name);
}
