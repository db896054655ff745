import { createPool } from '@vigil/postgres';
import type { Place } from './trace-steps.ts';
import type { IncidentState, TraceRows } from './trace-record.ts';

const readingSql = `
  SELECT src_topic AS topic, src_partition AS partition, src_offset::float8 AS "offset"
  FROM clinical.vital_reading WHERE event_id = $1 LIMIT 1`;

const incidentSql = `
  SELECT incident_id AS "incidentId", state, ARRAY(
    SELECT DISTINCT channel FROM alerting.delivery_attempt a
    WHERE a.incident_id = i.incident_id AND a.outcome = 'accepted' AND a.action = 'trigger') AS "acceptedBy"
  FROM alerting.incident i WHERE alert_id = $1`;

/** Places and states out of the operational database; no column of a patient is read. */
export function openTraceRows(url: string): TraceRows & { readonly close: () => Promise<void> } {
  const pool = createPool({ url, applicationName: 'vigil-cli trace', maxConnections: 1 });
  return {
    readingOf: async (eventId) => (await pool.query<Place>(readingSql, [eventId])).rows[0] ?? null,
    incidentOf: async (alertId) => (await pool.query<IncidentState>(incidentSql, [alertId])).rows[0] ?? null,
    close: () => pool.end(),
  };
}
