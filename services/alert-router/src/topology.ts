import { topics } from '@vigil/contracts';
import type { SinkSpec } from '@vigil/kafka';

/** Alerts of patients and troubles of the fleet end in PostgreSQL as incidents; a page must not wait for a batch to fill. */
export const alertSink: SinkSpec = {
  name: 'alert-router',
  sources: [
    { topic: topics.alertRaised, read: 'decoded' },
    { topic: topics.troubleRaised, read: 'decoded' },
  ],
  limits: { maxRecords: 1000, maxWaitMs: 20, idleMs: 5 },
};
