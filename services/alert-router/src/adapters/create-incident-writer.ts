import { topics } from '@vigil/contracts';
import { slicesOf, type SinkBatch, type SinkRecord, type SliceEffects } from '@vigil/kafka';
import type { Transaction } from '@vigil/postgres';
import type { Router } from '../domain/route.ts';
import { alertOfTrouble } from '../handlers/alert-of-trouble.ts';
import { planAlerts, type AlertRecord } from '../handlers/plan-alerts.ts';
import { lockIncidents, readClock, readSilences, saveDecisions } from './incident-records.ts';

export interface IncidentWriterOptions {
  readonly router: Router;
  readonly incidentIdOf: (alertId: string) => string;
  readonly lateAfterMs: number;
  readonly holdMs: number;
}

/** A stage that stays behind must not keep anybody from being paged. */
const mostHoldMs = 60_000;

interface Placed extends AlertRecord {
  readonly record: SinkRecord;
}

const alertsOf = (batch: SinkBatch): Placed[] =>
  slicesOf(batch, topics.alertRaised).flatMap(({ partition, records }) =>
    records.map((record) => ({ alert: record.value, partition, record })),
  );

const troublesOf = (batch: SinkBatch): Placed[] =>
  slicesOf(batch, topics.troubleRaised).flatMap(({ partition, records }) =>
    records.map((record) => ({ alert: alertOfTrouble(record.value), partition, record })),
  );

/**
 * What reached us late waits until its partition is caught up: while there is backlog it is held on, afterwards it is
 * due at once. Bounded by `holdMs` where nothing more is read, and by `mostHoldMs` where the backlog does not end.
 */
const settleHeldSql = `
  UPDATE alerting.incident SET next_step_at = least(
    clock_timestamp() + $2 * interval '1 millisecond', opened_at + $3 * interval '1 millisecond')
  WHERE state = 'held' AND held_for = 'catch-up' AND src_partition = $1`;

/** Episodes, timeline and outbox of a batch of alerts and troubles, inside the transaction that moves its position. */
export function createIncidentWriter({ router, incidentIdOf, lateAfterMs, holdMs }: IncidentWriterOptions) {
  return async (transaction: Transaction, batch: SinkBatch): Promise<readonly SliceEffects[]> => {
    const placed = [...alertsOf(batch), ...troublesOf(batch)];
    const nowMs = await readClock(transaction);
    const known = await lockIncidents(transaction, [...new Set(placed.map(({ alert }) => incidentIdOf(alert.alertId)))]);
    const silences = placed.length > 0 ? await readSilences(transaction) : [];
    const plan = planAlerts(placed, known, { nowMs, router, silences, lateAfterMs, holdMs, incidentIdOf });
    await saveDecisions(transaction, plan.decisions);
    await settleHeld(transaction, batch, { nowMs, lateAfterMs, holdMs });

    const duplicates = new Set<SinkRecord>([...plan.duplicates].map(({ record }) => record));
    return batch.slices.map(({ records }) => ({
      outputs: { incident: records.filter((record) => !duplicates.has(record)).length },
      duplicates,
    }));
  };
}

async function settleHeld(
  transaction: Transaction,
  batch: SinkBatch,
  { nowMs, lateAfterMs, holdMs }: { nowMs: number; lateAfterMs: number; holdMs: number },
): Promise<void> {
  // A fresh trouble of the fleet says nothing about how far the alerts of patients have been read.
  const timestamps = slicesOf(batch, topics.alertRaised).flatMap(({ records }) => records.map(({ timestamp }) => timestamp));
  if (timestamps.length === 0) return;
  const newest = Math.max(...timestamps);
  // The newest record is fresh: what came before it has been read.
  const isCaughtUp = newest > nowMs - lateAfterMs;
  await transaction.query(settleHeldSql, [batch.partition, isCaughtUp ? 0 : holdMs, mostHoldMs]);
}
