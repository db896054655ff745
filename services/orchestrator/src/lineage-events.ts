import { event, field } from '@vigil/runtime';

/** What is logged and counted of lineage. */
export const lineageEvents = {
  lineageLost: event({
    level: 'warn',
    message: 'lineage could not be handed to its server; its topic has it',
    fields: { count: field.count() },
    metric: {
      kind: 'counter',
      name: 'vigil_lineage_events_lost_total',
      help: 'Lineage events that an OpenLineage server did not take; all of them are on their topic.',
      by: 'count',
    },
  }),
} as const;
