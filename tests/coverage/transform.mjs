/**
 * Jest's transform: swc, then counters where coverage is asked for. Jest's own coverage copies and merges every map after every
 * test file, which costs more than the tests; here a counter is a cell of an array that a worker keeps (environment.mjs), and the
 * maps that tell what the cells mean are kept beside the tests.
 */
import swcJest from '@swc/jest';
import { createInstrumenter } from 'istanbul-lib-instrument';
import { createHash } from 'node:crypto';
import { countsDir, isCounted } from './covered-files.mjs';
import { keepMap } from './maps.mjs';

const options = { jsc: { target: 'es2024', parser: { syntax: 'typescript' } }, sourceMaps: 'inline' };
const instrumenter = createInstrumenter({ esModules: true, compact: false });
const sourceMapOf = (code) => {
  const [, base64 = ''] = /\/\/# sourceMappingURL=data:application\/json;charset=utf-8;base64,([A-Za-z0-9+/=]+)\s*$/.exec(code) ?? [];
  return base64 === '' ? undefined : JSON.parse(Buffer.from(base64, 'base64').toString('utf8'));
};

/** Where the cells of statements, functions and branches begin; those of a branch follow each other. */
function placesOf({ s, f, b }) {
  const places = new Map();
  for (const id of Object.keys(s)) places.set(`s${id}`, places.size);
  for (const id of Object.keys(f)) places.set(`f${id}`, places.size);
  for (const [id, arms] of Object.entries(b)) for (const arm of arms.keys()) places.set(`b${id}.${arm}`, places.size);
  return places;
}

/**
 * @param {string} code of a TypeScript file, as swc gives it
 * @returns code that counts in `globalThis.__cellsOf__(path, hash, how many)`, and the map of its cells, all zero
 */
export function addCounters(code, path) {
  const counted = instrumenter.instrumentSync(code, path, sourceMapOf(code));
  const plain = instrumenter.lastFileCoverage();
  const map = { ...plain, hash: createHash('sha256').update(JSON.stringify(plain)).digest('hex') };
  const [, name] = /^function (cov_\w+)\(\) \{$/m.exec(counted) ?? [];
  const call = `\n${name}();\n`;
  const start = counted.indexOf(`function ${name}() {`);
  const end = counted.indexOf(call, start);
  if (name === undefined || end < 0) throw new Error(`${path}: the instrumenter writes its counters otherwise than it did.`);
  const places = placesOf(map);
  const body = counted
    .slice(end + call.length)
    .replaceAll(new RegExp(`${name}\\(\\)\\.([sfb])\\[(\\d+)\\](?:\\[(\\d+)\\])?\\+\\+`, 'g'), (_, kind, id, arm) => {
      const place = places.get(arm === undefined ? `${kind}${id}` : `${kind}${id}.${arm}`);
      return `${name}[${place}]++`;
    });
  if (body.includes(`${name}(`) || body.includes('[undefined]++')) throw new Error(`${path}: a counter was not understood.`);
  const cells = `const ${name} = globalThis.__cellsOf__(${JSON.stringify(path)}, '${map.hash}', ${places.size});\n`;
  return { code: counted.slice(0, start) + cells + body, map };
}

/** The map of a file with what its cells counted. */
export function withCounts(map, cells) {
  let place = 0;
  const next = () => cells[place++];
  const filled = (counts) => Object.fromEntries(Object.keys(counts).map((id) => [id, next()]));
  const [s, f] = [filled(map.s), filled(map.f)];
  return { ...map, s, f, b: Object.fromEntries(Object.entries(map.b).map(([id, arms]) => [id, arms.map(next)])) };
}

export const swc = swcJest.createTransformer(options);

export default {
  ...swc,
  canInstrument: false,
  getCacheKey: (source, path, request) => `${swc.getCacheKey(source, path, request)}${countsDir && isCounted(path) ? '-counted-2' : ''}`,
  process: (source, path, request) => counting(swc.process(source, path, request), path),
  processAsync: async (source, path, request) => counting(await swc.processAsync(source, path, request), path),
};

function counting(result, path) {
  if (!countsDir || !isCounted(path)) return result;
  const { code, map } = addCounters(result.code, path);
  keepMap(map);
  return { code };
}
