export { malformedMessages } from './malformed.ts';
export { createPhysiology, type Physiology, type SimulatedVitals, type Vitals } from './physiology.ts';
export { createRecordedPhysiology } from './recorded-physiology.ts';
export { createSeededRandom, type SeededRandom } from './seeded-random.ts';
export { createWard, defaultWardRates, type Ward, type WardMessage, type WardOptions, type WardRates } from './ward.ts';
