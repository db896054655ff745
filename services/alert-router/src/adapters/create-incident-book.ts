import { inTransaction, type Transaction } from '@vigil/postgres';
import type pg from 'pg';
import { acknowledgeIncident } from '../domain/acknowledge-incident.ts';
import { advanceIncident } from '../domain/advance-incident.ts';
import { clearIncident } from '../domain/close-incident.ts';
import { readDedupKey } from '../domain/incident.ts';
import { openOperational, type Trouble } from '../domain/operational-incident.ts';
import type { Address, Router } from '../domain/route.ts';
import { silencedUntil } from '../domain/silence.ts';
import type { Audit, IncidentBook, UndeliveredIncident } from '../handlers/ports.ts';
import { lockIncidents, readClock, readSilences, saveDecisions } from './incident-records.ts';
import { pruneIncidents } from './prune-incidents.ts';
import { fromRow, incidentColumns, msOf, type IncidentRow } from './incident-row.ts';

export interface IncidentBookOptions {
  readonly pool: pg.Pool;
  readonly router: Router;
  /** Makes the opaque id of an operational incident from what it is about. */
  readonly operationalIdOf: (trouble: Trouble, about: Address, nowMs: number) => string;
  /** A step that is overdue by so much is reported by the auditor. */
  readonly overdueAfterMs: number;
  /** What has been over for so long is deleted. */
  readonly retentionDays: number;
}

const active = `state IN ('held', 'open', 'acknowledged')`;

const dueSql = `
  SELECT ${incidentColumns} FROM alerting.incident i WHERE i.next_step_at <= clock_timestamp()
  ORDER BY i.severity_rank, i.raised_at LIMIT $1 FOR UPDATE SKIP LOCKED`;

/** Troubles whose address has accepted something since. */
const overSql = `
  SELECT ${incidentColumns} FROM alerting.incident i WHERE i.kind = 'operational' AND i.${active} AND EXISTS (
    SELECT FROM alerting.delivery_attempt a WHERE a.channel = i.about_channel AND a.address = i.about_address
      AND a.outcome = 'accepted' AND a.finished_at > i.opened_at)
  ORDER BY i.incident_id FOR UPDATE SKIP LOCKED`;

const isReportedSql = `
  SELECT 1 FROM alerting.incident
  WHERE kind = 'operational' AND ${active} AND rule = $1 AND about_channel = $2 AND about_address = $3`;

/** Nothing strands: what has no next step gets one now. */
const healSql = `UPDATE alerting.incident SET next_step_at = clock_timestamp() WHERE ${active} AND next_step_at IS NULL`;

const auditSql = `
  SELECT (SELECT count(*) FROM alerting.incident WHERE ${active}) AS active,
    (SELECT count(*) FROM alerting.incident WHERE ${active} AND next_step_at < clock_timestamp() - $1 * interval '1 millisecond') AS overdue,
    (SELECT count(*) FROM alerting.undelivered) AS undelivered,
    count(*) AS waiting,
    coalesce(${msOf('clock_timestamp()')} - ${msOf('min(created_at)')}, 0) AS "oldestWaitingMs"
  FROM alerting.outbox WHERE state IN ('pending', 'sending')`;

const undeliveredSql = `
  SELECT incident_id AS "incidentId", severity, kind, ward, step, ${msOf('opened_at')} AS "sinceMs" FROM alerting.undelivered LIMIT 1000`;

type Options = IncidentBookOptions;

const advanceDue = ({ pool, router }: Options, limit: number): Promise<number> =>
  inTransaction(pool, async (transaction) => {
    const { rows } = await transaction.query<IncidentRow>(dueSql, [limit]);
    if (rows.length === 0) return 0;
    const nowMs = await readClock(transaction);
    const silences = await readSilences(transaction);
    const decisions = rows
      .map(fromRow)
      .map((incident) => advanceIncident(incident, { nowMs, router, silencedUntil: silencedUntil(silences, incident) }));
    await saveDecisions(transaction, decisions);
    return decisions.length;
  });

const acknowledge = async ({ pool, router }: Options, dedupKey: string): Promise<boolean> => {
  const answered = readDedupKey(dedupKey);
  if (!answered) return false;
  return inTransaction(pool, async (transaction) => {
    const incident = (await lockIncidents(transaction, [answered.incidentId])).get(answered.incidentId);
    if (!incident) return false;
    const decision = acknowledgeIncident(incident, answered.page, { nowMs: await readClock(transaction), router });
    if (decision) await saveDecisions(transaction, [decision]);
    return decision !== null;
  });
};

async function openTrouble(
  transaction: Transaction,
  { router, operationalIdOf }: Options,
  trouble: Trouble,
  about: Address,
): Promise<void> {
  // One at a time: two failing messages of one key must not become two incidents.
  await transaction.query('SELECT pg_advisory_xact_lock(hashtext($1))', [`${trouble} ${about.channel} ${about.address}`]);
  const { rowCount } = await transaction.query(isReportedSql, [trouble, about.channel, about.address]);
  if (rowCount !== 0) return;
  const nowMs = await readClock(transaction);
  await saveDecisions(transaction, [
    openOperational(trouble, about, { incidentId: operationalIdOf(trouble, about, nowMs), nowMs, router }),
  ]);
}

const endTroubles = ({ pool, router }: Options): Promise<number> =>
  inTransaction(pool, async (transaction) => {
    const { rows } = await transaction.query<IncidentRow>(overSql);
    const nowMs = await readClock(transaction);
    const decisions = rows.map(fromRow).map((incident) => clearIncident(incident, nowMs, { nowMs, router }));
    await saveDecisions(
      transaction,
      decisions.filter((decision) => decision !== null),
    );
    return rows.length;
  });

const audit = ({ pool, overdueAfterMs }: Options): Promise<Audit> =>
  inTransaction(pool, async (transaction) => {
    const healed = await transaction.query(healSql);
    const { rows } = await transaction.query<Omit<Audit, 'stranded'>>(auditSql, [overdueAfterMs]);
    return { ...(rows[0] as Omit<Audit, 'stranded'>), stranded: healed.rowCount ?? 0 };
  });

/** Incidents in PostgreSQL; several processes may share them. */
export const createIncidentBook = (options: IncidentBookOptions): IncidentBook => ({
  advanceDue: (limit) => advanceDue(options, limit),
  acknowledge: (dedupKey) => acknowledge(options, dedupKey),
  reportTrouble: (trouble, about) => inTransaction(options.pool, (transaction) => openTrouble(transaction, options, trouble, about)),
  endTroubles: () => endTroubles(options),
  audit: () => audit(options),
  prune: (limit) => pruneIncidents(options.pool, options.retentionDays, limit),
  listUndelivered: () =>
    inTransaction(options.pool, async (transaction) => (await transaction.query<UndeliveredIncident>(undeliveredSql)).rows),
});
