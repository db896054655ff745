// Timers, approvals and payloads: what runs wait for or point to.
import type { Transaction } from '@vigil/postgres';
import type { TimerKey } from '@vigil/workflows';
import type { UntimedInput } from '../../domain/runs/run-store.ts';

/** What a timer carries: a timer of the reducer, or an input: one that another run's step left, or a report that is kept (`code` = why). */
export type TimerContent = { readonly timer: TimerKey } | { readonly input: UntimedInput; readonly code?: string };

export interface TimerRow {
  readonly runId: string;
  readonly timer: string;
  readonly atMs: number;
  readonly key: TimerContent;
}

const setSql = `
  INSERT INTO orchestration.timer (run_id, timer, fires_at, key)
  SELECT "runId", timer, to_timestamp("atMs"::double precision / 1000), key
  FROM jsonb_to_recordset($1::jsonb) AS t ("runId" uuid, timer text, "atMs" bigint, key jsonb)
  WHERE EXISTS (SELECT FROM orchestration.run r WHERE r.run_id = t."runId")
  ON CONFLICT (run_id, timer) DO UPDATE SET fires_at = EXCLUDED.fires_at, key = EXCLUDED.key`;

/** Timers of runs that there are: nobody would ever take another one. */
export async function setTimers(transaction: Transaction, timers: readonly TimerRow[]): Promise<void> {
  if (timers.length > 0) await transaction.query({ name: 'set-timers', text: setSql, values: [JSON.stringify(timers)] });
}

const clearSql = `
  DELETE FROM orchestration.timer t USING unnest($1::uuid[], $2::text[]) AS c (run_id, timer) WHERE t.run_id = c.run_id AND t.timer = c.timer`;

export async function clearTimers(transaction: Transaction, timers: readonly Pick<TimerRow, 'runId' | 'timer'>[]): Promise<void> {
  if (timers.length === 0) return;
  const values = [timers.map(({ runId }) => runId), timers.map(({ timer }) => timer)];
  await transaction.query({ name: 'clear-timers', text: clearSql, values });
}

export interface ApprovalChange {
  readonly runId: string;
  readonly task: string;
  readonly message: string;
  readonly approvers: readonly string[];
  /** Null = asked. */
  readonly decision: 'approved' | 'declined' | 'withdrawn' | null;
  readonly by: string | null;
  readonly reason: string | null;
}

const approvalSql = `
  INSERT INTO orchestration.approval AS a (run_id, task, message, approvers, decision, decided_by, reason, decided_at)
  SELECT "runId", task, message, ARRAY(SELECT jsonb_array_elements_text(approvers)), decision, by, reason,
    CASE WHEN decision IS NOT NULL THEN clock_timestamp() END
  FROM jsonb_to_recordset($1::jsonb) AS c ("runId" uuid, task text, message text, approvers jsonb, decision text, by text, reason text)
  ON CONFLICT (run_id, task) DO UPDATE SET
    message = CASE WHEN EXCLUDED.decision IS NULL THEN EXCLUDED.message ELSE a.message END,
    approvers = CASE WHEN EXCLUDED.decision IS NULL THEN EXCLUDED.approvers ELSE a.approvers END,
    asked_at = CASE WHEN EXCLUDED.decision IS NULL THEN clock_timestamp() ELSE a.asked_at END,
    decision = EXCLUDED.decision, decided_by = EXCLUDED.decided_by, reason = EXCLUDED.reason, decided_at = EXCLUDED.decided_at`;

/** The last change of each approval. */
export async function changeApprovals(transaction: Transaction, changes: readonly ApprovalChange[]): Promise<void> {
  if (changes.length > 0) await transaction.query({ name: 'change-approvals', text: approvalSql, values: [JSON.stringify(changes)] });
}

export interface PayloadRow {
  readonly payloadId: string;
  readonly runId: string;
  /** JSON. */
  readonly body: string;
}

/** Keeps what is too large for a message. */
export async function keepPayloads(transaction: Transaction, payloads: readonly PayloadRow[]): Promise<void> {
  for (const { payloadId, runId, body } of payloads) {
    await transaction.query('INSERT INTO orchestration.payload (payload_id, run_id, body) VALUES ($1, $2, $3::jsonb)', [
      payloadId,
      runId,
      body,
    ]);
  }
}
