export { settings } from './config.ts';
export { events } from './events.ts';
export { plausibleRanges } from './domain/plausibility.ts';
export { identityContext } from './handlers/handle-patient.ts';
export { createTopology } from './topology.ts';
