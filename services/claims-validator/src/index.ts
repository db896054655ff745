export type * from './domain/claim-world.ts';
export { settings } from './config.ts';
export { events } from './events.ts';
export { createIntakeTopology } from './intake-topology.ts';
