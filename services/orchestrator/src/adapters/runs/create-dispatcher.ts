import { inTransaction, type Transaction } from '@vigil/postgres';
import type { WorkflowPool } from '@vigil/contracts';
import type pg from 'pg';
import { chooseParts, type Candidate, type Capacity, type ChoiceRules } from '../../domain/runs/choose-parts.ts';
import type { ExplainPace } from '../../domain/runs/explain-pace.ts';
import { explainQueue } from './explain-queue.ts';
import type { ClaimedMessage } from './outbox-rows.ts';
import { requestTopicOf } from './request-topics.ts';

export interface DispatcherOptions {
  readonly pool: pg.Pool;
  /** A worker that has not said for so long that it began counts as dead. */
  readonly leaseMs: number;
  /** A worker that was not heard of for so long counts as gone. */
  readonly workerSilentMs: number;
  /** A queue that is not served gains one priority each time this passes. */
  readonly ageingMs: number;
  readonly reserveAfterMs: number;
  /** How long the messages are this process's to publish. */
  readonly claimMs: number;
  /** Most parts that are handed out in one transaction. */
  readonly atOnce: number;
  readonly explaining: ExplainPace;
}

export interface Dispatched {
  readonly messages: readonly ClaimedMessage[];
  /** How long each part was queued, milliseconds. */
  readonly queuedMs: readonly number[];
  /** `again`: more would fit. */
  readonly next: 'again' | 'rest';
}

/** Hands queued parts of a pool out to its workers. */
export type Dispatch = (pool: WorkflowPool) => Promise<Dispatched>;

interface PoolRow extends Capacity {
  readonly nowMs: number;
  readonly hasWorker: boolean;
}

/** Only one dispatcher of a pool at a time: what follows must see what the one before took. */
const lockSql = `
  SELECT slots, cpu, memory_mib AS "memoryMiB", io, (extract(epoch FROM clock_timestamp()) * 1000)::bigint AS "nowMs",
    EXISTS (SELECT FROM orchestration.worker w WHERE w.pool = p.pool AND w.seen_at > clock_timestamp() - $2 * interval '1 millisecond') AS "hasWorker"
  FROM orchestration.pool p WHERE pool = $1 FOR UPDATE`;

const takenSql = `
  SELECT coalesce(sum(slots), 0)::integer AS slots, coalesce(sum(cpu), 0) AS cpu, coalesce(sum(memory_mib), 0)::integer AS "memoryMiB",
    coalesce(sum(io), 0) AS io
  FROM orchestration.pool_slot WHERE pool = $1`;

/** Of each queue as many as could go at all, oldest first; what is larger than the pool stands in nobody's way. */
const candidateSql = `
  SELECT t.run_id AS "runId", t.task, t.part, t.epoch, t.run_id::text || '/' || t.task || '/' || t.part AS id, t.workflow, t.priority, t.slots,
    t.cpu, t.memory_mib AS "memoryMiB", t.io, (extract(epoch FROM t.queued_at) * 1000)::double precision AS "queuedAtMs",
    (extract(epoch FROM q.served_at) * 1000)::double precision AS "servedAtMs"
  FROM orchestration.pool_turn q CROSS JOIN LATERAL (
    SELECT * FROM orchestration.task_run r
    WHERE r.state = 'queued' AND r.pool = $1 AND r.workflow = q.workflow AND r.priority = q.priority
      AND r.blocked_reason IS DISTINCT FROM 'run_paused' AND r.slots <= $3 AND r.cpu <= $4 AND r.memory_mib <= $5 AND r.io <= $6
    ORDER BY r.queued_at LIMIT $2) t
  WHERE q.pool = $1`;

interface QueuedPart extends Candidate {
  readonly runId: string;
  readonly task: string;
  readonly part: number;
  readonly epoch: number;
}

/**
 * Rows that a step is changing this moment are passed: it may be taking them out of the queue. So a dispatcher waits for no
 * step, and a step that waits for it does not wait long.
 */
const takeSql = `
  WITH chosen AS (
    SELECT t.run_id, t.task, t.part, t.request, c.place
    FROM unnest($1::uuid[], $2::text[], $3::integer[], $4::bigint[]) WITH ORDINALITY AS c (run_id, task, part, epoch, place)
    JOIN orchestration.task_run t USING (run_id, task, part)
    WHERE t.state = 'queued' AND t.epoch = c.epoch AND t.blocked_reason IS DISTINCT FROM 'run_paused'
    FOR UPDATE OF t SKIP LOCKED
  ), taken AS (
    UPDATE orchestration.task_run t SET state = 'requested', requested_at = clock_timestamp(), request = NULL,
      lease_until = clock_timestamp() + $5 * interval '1 millisecond',
      deadline_at = clock_timestamp() + (c.request->>'timeoutMs')::bigint * interval '1 millisecond', blocked_reason = 'with_worker', blocked_by = 'pool ' || t.pool,
      changed_at = clock_timestamp()
    FROM chosen c WHERE t.run_id = c.run_id AND t.task = c.task AND t.part = c.part
    RETURNING t.run_id, t.task, t.part, t.epoch, t.pool, t.workflow, t.priority, t.slots, t.cpu, t.memory_mib, t.io, t.queued_at, t.requested_at,
      t.deadline_at, c.request, c.place
  ), held AS (
    INSERT INTO orchestration.pool_slot (run_id, task, part, epoch, pool, slots, cpu, memory_mib, io)
    SELECT run_id, task, part, epoch, pool, slots, cpu, memory_mib, io FROM taken
  ), served AS (
    UPDATE orchestration.pool_turn q SET served_at = clock_timestamp()
    WHERE q.pool = $6 AND (q.workflow, q.priority) IN (SELECT workflow, priority FROM taken)
  ), told AS (
    INSERT INTO orchestration.outbox (topic, key, value, claimed_until)
    SELECT $7, run_id || '/' || task || '/' || part, request || jsonb_build_object('messageId', gen_random_uuid(), 'leaseMs', $5::bigint,
      'requestedAt', (extract(epoch FROM requested_at) * 1000)::bigint, 'deadlineAt', (extract(epoch FROM deadline_at) * 1000)::bigint),
      CASE WHEN NOT EXISTS (SELECT FROM orchestration.outbox o WHERE o.topic = $7 AND o.key = run_id || '/' || task || '/' || part)
      THEN clock_timestamp() + $8 * interval '1 millisecond' END
    FROM taken ORDER BY place
    RETURNING id, topic, key, value, claimed_until IS NOT NULL AS "isOurs"
  )
  SELECT told.*, (SELECT array_agg(extract(epoch FROM requested_at - queued_at) * 1000) FROM taken) AS "queuedMs" FROM told ORDER BY id`;

const minus = (total: Capacity, taken: Capacity): Capacity => ({
  slots: total.slots - taken.slots,
  cpu: total.cpu - taken.cpu,
  memoryMiB: total.memoryMiB - taken.memoryMiB,
  io: total.io - taken.io,
});

const readPool = async (transaction: Transaction, pool: string, workerSilentMs: number): Promise<PoolRow | undefined> => {
  const { rows } = await transaction.query<PoolRow>({ name: 'lock-pool', text: lockSql, values: [pool, workerSilentMs] });
  return rows[0];
};

const readTaken = async (transaction: Transaction, pool: string): Promise<Capacity> => {
  const { rows } = await transaction.query<Capacity>({ name: 'pool-taken', text: takenSql, values: [pool] });
  return rows[0] as Capacity;
};

const readCandidates = async (
  transaction: Transaction,
  pool: string,
  { atMost, total }: { readonly atMost: number; readonly total: Capacity },
): Promise<readonly QueuedPart[]> => {
  const values = [pool, atMost, total.slots, total.cpu, total.memoryMiB, total.io];
  const { rows } = await transaction.query<QueuedPart>({ name: 'pool-candidates', text: candidateSql, values });
  return rows;
};

interface ToldRow extends ClaimedMessage {
  readonly isOurs: boolean;
  readonly queuedMs: readonly string[];
}

const nothing: Dispatched = { messages: [], queuedMs: [], next: 'rest' };

/**
 * Hands out what fits into a pool, in one transaction: slots, lease, request and outbox change together. Any number of
 * processes may try; they take turns per pool.
 */
export function createDispatcher(options: DispatcherOptions): Dispatch {
  const { leaseMs, claimMs, workerSilentMs, atOnce, explaining } = options;

  const take = async (transaction: Transaction, pool: WorkflowPool, parts: readonly QueuedPart[]): Promise<readonly ToldRow[]> => {
    if (parts.length === 0) return [];
    const columns = [
      parts.map(({ runId }) => runId),
      parts.map(({ task }) => task),
      parts.map(({ part }) => part),
      parts.map(({ epoch }) => epoch),
    ];
    const values = [...columns, leaseMs, pool, requestTopicOf(pool), claimMs];
    return (await transaction.query<ToldRow>({ name: 'hand-out', text: takeSql, values })).rows;
  };

  const handOut = async (transaction: Transaction, pool: WorkflowPool): Promise<Dispatched> => {
    const row = await readPool(transaction, pool, workerSilentMs);
    if (!row) return nothing;
    const free = minus(row, await readTaken(transaction, pool));
    const mayTake = row.hasWorker && free.slots > 0;
    const candidates = mayTake ? await readCandidates(transaction, pool, { atMost: Math.min(free.slots, atOnce), total: row }) : [];
    const rules: ChoiceRules = { ...options, nowMs: row.nowMs };
    const { chosen } = chooseParts(candidates, { total: row, free }, rules);
    const told = await take(transaction, pool, chosen.slice(0, atOnce));
    if (told.length > 0) explaining.stir(pool);
    const areLeft = candidates.length === 0 || told.length < candidates.length;
    if (areLeft && explaining.isDue(pool, row.nowMs)) {
      const changed = await explainQueue(transaction, pool, { hasWorker: row.hasWorker, total: row });
      explaining.explained(pool, row.nowMs, changed);
    }
    return {
      messages: told.filter(({ isOurs }) => isOurs),
      queuedMs: (told[0]?.queuedMs ?? []).map(Number),
      next: chosen.length > atOnce ? 'again' : 'rest',
    };
  };
  return (pool) => inTransaction(options.pool, (transaction) => handOut(transaction, pool));
}
