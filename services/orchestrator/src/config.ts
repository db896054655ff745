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
  ledgerEveryMs: setting({
    env: 'VIGIL_LEDGER_EVERY_MS',
    schema: milliseconds({ min: 250, max: 60_000 }).default(5000),
    doc: 'time between two reconciliations of the ledger.',
  }),
  ledgerPatienceMs: setting({
    env: 'VIGIL_LEDGER_PATIENCE_MS',
    schema: milliseconds({ min: 1000, max: 600_000 }).default(30_000),
    doc: 'an account that does not balance for so long pages engineering; longer than ledger rows of sinks are under way.',
  }),
});
