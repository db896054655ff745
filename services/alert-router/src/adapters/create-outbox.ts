import { inTransaction, type Transaction } from '@vigil/postgres';
import type pg from 'pg';
import type { Incident } from '../domain/incident.ts';
import { recordDelivery } from '../domain/record-delivery.ts';
import type { Router } from '../domain/route.ts';
import type { Attempt, Claimed, Outbox, Recorded } from '../handlers/ports.ts';
import { lockIncidents, readClock, saveDecisions } from './incident-records.ts';
import { atMs } from './incident-row.ts';

export interface OutboxOptions {
  readonly pool: pg.Pool;
  readonly router: Router;
  /** A message that was claimed and not heard of for so long is sent again. */
  readonly leaseMs: number;
}

/**
 * A message is due when it is the first unfinished one of its channel and dedup key: a resolve waits for its trigger.
 * Claiming makes it invisible for the length of the lease.
 */
const claimSql = `
  WITH due AS (
    SELECT o.id FROM alerting.outbox o
    WHERE o.channel = $1 AND o.state IN ('pending', 'sending') AND o.not_before <= clock_timestamp()
      AND NOT EXISTS (SELECT FROM alerting.outbox e WHERE e.channel = o.channel AND e.dedup_key = o.dedup_key
        AND e.seq < o.seq AND e.state IN ('pending', 'sending'))
    ORDER BY o.priority, o.not_before, o.id LIMIT $2 FOR UPDATE SKIP LOCKED)
  UPDATE alerting.outbox o
  SET state = 'sending', attempts = o.attempts + 1, not_before = clock_timestamp() + $3 * interval '1 millisecond'
  FROM due WHERE o.id = due.id
  RETURNING o.id AS "outboxId", o.episode AS "incidentId", o.page, o.channel, o.address, o.dedup_key AS "dedupKey", o.action,
    o.payload AS text, o.attempts, o.priority`;

/** Ours only while the lease is: a message that was claimed anew since then belongs to somebody else. */
const finishSql = `
  UPDATE alerting.outbox SET state = $3, not_before = clock_timestamp() + $4 * interval '1 millisecond'
  WHERE id = $1 AND attempts = $2 AND state = 'sending'`;

/** What follows a trigger that will never be accepted has nothing to end. */
const withdrawSql = `
  UPDATE alerting.outbox SET state = 'withdrawn'
  WHERE channel = $1 AND dedup_key = $2 AND seq > (SELECT seq FROM alerting.outbox WHERE id = $3) AND state = 'pending'`;

const attemptSql = `
  INSERT INTO alerting.delivery_attempt
    (outbox_id, incident_id, channel, address, action, attempt, started_at, finished_at, outcome, status, latency_ms)
  VALUES ($1, $2, $3, $4, $5, $6, ${atMs('$7::bigint')}, ${atMs('$8::bigint')}, $9, $10, CASE WHEN NOT EXISTS (
    SELECT FROM alerting.delivery_attempt a WHERE a.incident_id = $2 AND a.action = 'trigger' AND a.outcome = 'accepted') THEN $11::bigint END)
  RETURNING latency_ms AS "latencyMs"`;

const stateAfter = { accepted: 'accepted', permanent: 'quarantined', retry: 'pending', blocked: 'pending' } as const;

/** How long it took until a provider had the page of a patient's incident that was not historic; other incidents have none. */
function latencyOf(incident: Incident, { action }: Claimed, { outcome, finishedAt }: Attempt): number | null {
  if (outcome !== 'accepted' || action !== 'trigger' || incident.historic || incident.about !== null) return null;
  return Math.max(0, finishedAt - incident.receivedAt);
}

/** Writes the attempt down and returns the latency, which counts for the first acceptance of an incident only. */
async function writeAttempt(transaction: Transaction, incident: Incident, claimed: Claimed, attempt: Attempt): Promise<number | null> {
  const { outboxId, incidentId, channel, address, action, attempts } = claimed;
  const { startedAt, finishedAt, outcome, status } = attempt;
  const place = [outboxId, incidentId, channel, address, action, attempts];
  const latencyMs = latencyOf(incident, claimed, attempt);
  const { rows } = await transaction.query<{ latencyMs: number | null }>(attemptSql, [
    ...place,
    startedAt,
    finishedAt,
    outcome,
    status,
    latencyMs,
  ]);
  return rows[0]?.latencyMs ?? null;
}

/** The outbox in PostgreSQL; several processes may share it. */
export function createOutbox({ pool, router, leaseMs }: OutboxOptions): Outbox {
  const finish = (claimed: Claimed, attempt: Attempt): Promise<Recorded> =>
    inTransaction(pool, async (transaction) => {
      const nowMs = await readClock(transaction);
      const incident = (await lockIncidents(transaction, [claimed.incidentId])).get(claimed.incidentId) as Incident;
      const { outcome, retryInMs } = attempt;
      // What was held back is no attempt: an outage of hours would fill the table with nothing.
      const latencyMs = outcome === 'blocked' ? null : await writeAttempt(transaction, incident, claimed, attempt);
      const finished = await transaction.query(finishSql, [claimed.outboxId, claimed.attempts, stateAfter[outcome], retryInMs]);
      if (finished.rowCount === 0) return { latencyMs, severity: incident.severity, queued: false };
      if (outcome === 'permanent') await transaction.query(withdrawSql, [claimed.channel, claimed.dedupKey, claimed.outboxId]);
      const decision = recordDelivery(incident, { ...claimed, outcome }, { nowMs, router });
      if (decision) await saveDecisions(transaction, [decision]);
      return { latencyMs, severity: incident.severity, queued: (decision?.messages.length ?? 0) > 0 };
    });

  return {
    claim: (channel, limit) =>
      inTransaction(pool, async (transaction) => {
        const { rows } = await transaction.query<Claimed & { readonly priority: number }>(claimSql, [channel, limit, leaseMs]);
        return rows.sort((a, b) => a.priority - b.priority || a.outboxId - b.outboxId);
      }),
    finish,
  };
}
