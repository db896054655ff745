/**
 * Jest's transform: swc, then counters where coverage is asked for. Jest's own coverage copies and merges every map after every
 * test file, which costs more than the tests; here a worker adds numbers up (environment.mjs).
 */
import swcJest from '@swc/jest';
import { createInstrumenter } from 'istanbul-lib-instrument';
import { countsDir, isCounted } from './covered-files.mjs';

const options = { jsc: { target: 'es2024', parser: { syntax: 'typescript' } }, sourceMaps: 'inline' };
const instrumenter = createInstrumenter({ esModules: true, compact: false, coverageVariable: '__coverage__' });
const sourceMapOf = (code) => {
  const [, base64 = ''] = /\/\/# sourceMappingURL=data:application\/json;charset=utf-8;base64,([A-Za-z0-9+/=]+)\s*$/.exec(code) ?? [];
  return base64 === '' ? undefined : JSON.parse(Buffer.from(base64, 'base64').toString('utf8'));
};

/** @param {string} code of a TypeScript file, as swc gives it */
export function addCounters(code, path) {
  return instrumenter.instrumentSync(code, path, sourceMapOf(code));
}

/** The counters that were put in last, all zero. */
export const lastCounters = () => instrumenter.lastFileCoverage();

export const swc = swcJest.createTransformer(options);

export default {
  ...swc,
  canInstrument: false,
  getCacheKey: (source, path, request) => `${swc.getCacheKey(source, path, request)}${countsDir && isCounted(path) ? '-counted-1' : ''}`,
  process: (source, path, request) => counting(swc.process(source, path, request), path),
  processAsync: async (source, path, request) => counting(await swc.processAsync(source, path, request), path),
};

function counting(result, path) {
  return countsDir && isCounted(path) ? { code: addCounters(result.code, path) } : result;
}
