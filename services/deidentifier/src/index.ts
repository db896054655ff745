export { settings } from './config.ts';
export { events } from './events.ts';
export { createTopology, groupOf, targetOf } from './topology.ts';
