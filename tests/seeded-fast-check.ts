/**
 * fast-check as every property test gets it: `npm test` draws the same cases each time, so that a change fails for what it
 * changed. VIGIL_PROPERTY_SEED=random draws new ones (`npm run prove` does); a number draws those of a failure again.
 */
import fc from '../node_modules/fast-check/lib/fast-check.js';

const asked = process.env['VIGIL_PROPERTY_SEED'] ?? '1';
if (asked !== 'random') fc.configureGlobal({ seed: Number(asked) });

export * from '../node_modules/fast-check/lib/fast-check.js';
export default fc;
