export { settings } from './config.ts';
export { events } from './events.ts';
export { plausibleRanges } from './domain/plausibility.ts';
export { createTopology } from './topology.ts';
