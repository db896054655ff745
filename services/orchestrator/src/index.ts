export { settings } from './config.ts';
export { events } from './events.ts';
