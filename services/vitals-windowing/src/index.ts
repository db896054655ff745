export { createClinicalRules, type WindowingSettings } from './clinical-rules.ts';
export { settings } from './config.ts';
export { events } from './events.ts';
export { createTopology } from './topology.ts';
