import { defineEvents, event, field } from '@vigil/runtime';

export const events = defineEvents('warehouse-loader', {
  cacheFailed: event({
    level: 'debug',
    message: 'latest vitals could not be cached: reads come from PostgreSQL, slower',
    fields: { patients: field.count() },
    metric: {
      kind: 'counter',
      name: 'vigil_loader_cache_failures_total',
      help: 'Writes to the cache of latest vitals that failed; nothing is lost by them.',
    },
  }),
});
