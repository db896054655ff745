import { databaseSettings, defineSettings, milliseconds, serviceSettings, setting, warehouseSettings } from '@vigil/runtime';

/** Settings of orchestrator. */
export const settings = defineSettings('orchestrator', {
  ...serviceSettings,
  ...databaseSettings,
  ...warehouseSettings,
  lagEveryMs: setting({
    env: 'VIGIL_LAG_EVERY_MS',
    schema: milliseconds({ min: 250, max: 60_000 }).default(2000),
    doc: 'time between two observations of the lag; ten of them are the window of its states.',
  }),
});
