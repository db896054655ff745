export { settings } from './config.ts';
export { events } from './events.ts';
export { workerEvents } from './worker/worker-events.ts';
export { workerSettings } from './worker/worker-settings.ts';
