/**
 * fast-check as every property test gets it: `npm test` draws the same cases each time, so that a change fails for what it
 * changed. VIGIL_PROPERTY_SEED=random draws new ones (`npm run prove` does); a number draws those of a failure again.
 * VIGIL_PROPERTY_RUNS=5000 draws at least so many of each property; VIGIL_PROPERTY_SHARE=0.5 half of what each asks for.
 */
import fc from '../node_modules/fast-check/lib/fast-check.js';

const asked = process.env['VIGIL_PROPERTY_SEED'] ?? '1';
if (asked !== 'random') fc.configureGlobal({ seed: Number(asked) });

const leastRuns = Number(process.env['VIGIL_PROPERTY_RUNS'] ?? '0');
const share = Number(process.env['VIGIL_PROPERTY_SHARE'] ?? '1');
const runsByDefault = 100;

/** `assert`, with as many runs as are asked for. */
export const assert: typeof fc.assert = ((property: fc.IRawProperty<unknown>, given: fc.Parameters<unknown> = {}) =>
  fc.assert(property, { ...given, numRuns: Math.max(Math.ceil((given.numRuns ?? runsByDefault) * share), leastRuns) })) as typeof fc.assert;

export * from '../node_modules/fast-check/lib/fast-check.js';
export default { ...fc, assert };
