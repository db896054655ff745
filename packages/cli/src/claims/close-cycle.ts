import {
  assembleRemittances,
  checkRemittance,
  heldBack,
  payeeKeyOf,
  type AssembledRemittance,
  type ForwardBalance,
  type HoldRule,
} from '@vigil/claim-formats';
import { retryTopicOf, topics, type ClaimAdjudicated } from '@vigil/contracts';
import { VigilError } from '@vigil/core';
import { toDatabaseError } from '@vigil/postgres';
import type { Pool, PoolClient } from 'pg';
import { byPayerOf, contentOf, cycleColumns, hashOf, rangesBetween, tokenPatient, type CycleRow, type Ends } from './cycle-rows.ts';
import type { PayablePlace } from './payable-decisions.ts';
import { decisionsAt, rowsOf } from './read-decisions.ts';

const sink = 'warehouse-loader.operational';
const sources = [topics.claimAdjudicated.name, retryTopicOf(topics.claimAdjudicated.name, sink)];

const dayMs = 86_400_000;

const endsOf = (rows: readonly { readonly topic: string; readonly part: number; readonly next_offset: number }[]): Ends => {
  const ends: Record<string, Record<string, number>> = {};
  for (const { topic, part, next_offset: next } of rows) (ends[topic] ??= {})[String(part)] = next;
  return ends;
};

/** What payees owe after their last payment: the newest of each. */
async function owedTo(client: PoolClient, payerId: string): Promise<ReadonlyMap<string, ForwardBalance>> {
  const rows = await rowsOf<{ payee_key: string; trace_number: string; owed_cents: number }>(
    client,
    `SELECT DISTINCT ON (payee_key) payee_key, trace_number, owed_cents FROM claims.remittance WHERE payer_id = $1
     ORDER BY payee_key, cycle_id DESC`,
    [payerId],
  );
  return new Map(
    rows.flatMap(({ payee_key: payee, trace_number: traceNumber, owed_cents: owedCents }) =>
      owedCents > 0 ? [[payee, { traceNumber, owedCents }]] : [],
    ),
  );
}

const insertPaymentSql = `
  INSERT INTO claims.remittance (trace_number, cycle_id, payer_id, payee_key, paid_on, decisions, decisions_hash, claims_cents, paid_cents,
    owed_before_cents, owed_before_trace, owed_cents)
  VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)`;

async function insertPayment(
  client: PoolClient,
  cycleId: number,
  { payeeKey, owedCents, remittance }: AssembledRemittance,
  before: ForwardBalance | undefined,
): Promise<void> {
  const { traceNumber, payerId, paidOn, claims, paidCents } = remittance;
  const claimsCents = claims.reduce((sum, claim) => sum + claim.paidCents, 0);
  const owed = [before?.owedCents ?? 0, before?.traceNumber ?? null, owedCents];
  await rowsOf(client, insertPaymentSql, [traceNumber, cycleId, payerId, payeeKey, paidOn, claims.length, hashOf(remittance), claimsCents, paidCents, ...owed]); // prettier-ignore
}

/** What is wrong with one decision was held back: what is left here is a fault of this program. @throws VigilError UNBALANCED_REMITTANCE */
function refuseUnbalanced(made: readonly AssembledRemittance[]): void {
  const [problem] = made.flatMap(({ remittance }) => checkRemittance(remittance, `Payment ${remittance.traceNumber}`));
  if (problem) throw new VigilError('UNBALANCED_REMITTANCE', { detail: `${problem.where}: ${problem.rule}.` });
}

const insertHeldSql = `
  INSERT INTO claims.remittance_held (cycle_id, src_topic, src_partition, src_offset, decision_id, payer_id, payee_key, rule)
  SELECT $1, * FROM unnest($2::text[], $3::int[], $4::bigint[], $5::text[], $6::text[], $7::text[], $8::text[])`;

/** @param held  why, by decision */
async function insertHeld(
  client: PoolClient,
  cycleId: number,
  {
    places,
    decisions,
    held,
  }: { places: readonly PayablePlace[]; decisions: readonly ClaimAdjudicated[]; held: ReadonlyMap<string, HoldRule> },
): Promise<void> {
  const of = new Map(decisions.map((decision) => [decision.decisionId, decision]));
  const rows = places.flatMap((place) => {
    const [decision, rule] = [of.get(place.decisionId), held.get(place.decisionId)];
    return decision && rule ? [{ ...place, payerId: decision.payerId, payeeKey: payeeKeyOf(decision), rule }] : [];
  });
  const columns = (['topic', 'partition', 'offset', 'decisionId', 'payerId', 'payeeKey', 'rule'] as const).map((name) =>
    rows.map((row) => row[name]),
  );
  await rowsOf(client, insertHeldSql, [cycleId, ...columns]);
}

/** Trace numbers of a cycle: the cycle's number and a number within it. */
const traceNumberOf = (cycleId: number, place: number): string => `${String(cycleId).padStart(6, '0')}${String(place).padStart(6, '0')}`;

/** Who closes a cycle. */
export interface Closing {
  readonly by: string;
  /** Told how many decisions are about to be read, before they are: what it cannot record is not done. */
  readonly record: (decisions: number) => Promise<void>;
}

async function insertCycle(client: PoolClient, cycle: string, by: string): Promise<{ row: CycleRow; last: CycleRow | undefined }> {
  const [last] = await rowsOf<CycleRow>(client, `SELECT ${cycleColumns} FROM claims.remittance_cycle ORDER BY cycle_id DESC LIMIT 1`);
  const positions = await rowsOf<{ topic: string; part: number; next_offset: number }>(
    client,
    'SELECT topic, part, next_offset FROM engine.sink_offset WHERE sink = $1 AND topic = ANY ($2::text[])',
    [sink, sources],
  );
  const [row] = await rowsOf<CycleRow>(
    client,
    `INSERT INTO claims.remittance_cycle (cycle, previous, until, closed_by) VALUES ($1, $2, $3, $4) RETURNING ${cycleColumns}`,
    [cycle, last?.cycle_id ?? null, JSON.stringify(endsOf(positions)), by],
  );
  return { row: row as CycleRow, last };
}

/** Payments of the decisions that are right; the others wait for the next cycle. */
async function closeCycle(client: PoolClient, cycle: string, { by, record }: Closing): Promise<CycleRow> {
  const { row, last } = await insertCycle(client, cycle, by);
  const ranges = rangesBetween(last?.until ?? {}, row.until);
  const { places, originals } = await contentOf(client, { ranges, previous: row.previous });
  await record(places.length);
  const decisions = await Array.fromAsync(decisionsAt(client, places));
  const held = heldBack(decisions, originals);
  if (held.size > 0) await insertHeld(client, row.cycle_id, { places, decisions, held });
  let place = 0;
  for (const [payerId, own] of byPayerOf(decisions.filter(({ decisionId }) => !held.has(decisionId)))) {
    const balances = await owedTo(client, payerId);
    const payees = [...new Set(own.map(payeeKeyOf))].sort();
    const traceNumbers = new Map(payees.map((payee) => [payee, traceNumberOf(row.cycle_id, ++place)]));
    const paidOn = Math.floor(row.closed_ms / dayMs);
    const payments = assembleRemittances({ payerId, payer: { name: payerId }, paidOn, decisions: own, patientOf: tokenPatient, balances, traceNumbers, originals }); // prettier-ignore
    refuseUnbalanced(payments);
    for (const payment of payments) await insertPayment(client, row.cycle_id, payment, balances.get(payment.payeeKey));
  }
  return row;
}

async function paidIn(pool: Pool, cycleId: number): Promise<number> {
  const sql = 'SELECT COALESCE(sum(decisions), 0)::bigint AS paid FROM claims.remittance WHERE cycle_id = $1';
  return (await rowsOf<{ paid: number }>(pool, sql, [cycleId]))[0]?.paid as number;
}

const shapeOfCycle = /^[A-Za-z0-9][A-Za-z0-9._-]{0,31}$/;

/**
 * Finds a cycle, or closes it now: it then holds every decision that the operational store has and no earlier cycle held.
 * One process at a time; what fails leaves no cycle.
 *
 * @throws VigilError BAD_USAGE, REMITTANCE_CHANGED, what `closing.record` throws, and those of a database that is away
 */
export async function openCycle(pool: Pool, cycle: string, closing: Closing): Promise<CycleRow> {
  if (!shapeOfCycle.test(cycle)) throw new VigilError('BAD_USAGE', { detail: '--cycle takes 1 to 32 letters, digits, . _ or -.' });
  const find = async (database: Pool | PoolClient) =>
    (await rowsOf<CycleRow>(database, `SELECT ${cycleColumns} FROM claims.remittance_cycle WHERE cycle = $1`, [cycle]))[0];
  const record = async (row: CycleRow): Promise<CycleRow> => {
    await closing.record(await paidIn(pool, row.cycle_id));
    return row;
  };
  const found = await find(pool);
  if (found) return record(found);
  const client = await pool.connect().catch((error: unknown) => {
    throw toDatabaseError(error);
  });
  try {
    // Before the snapshot of the transaction, so that it holds what whoever went before has closed.
    await rowsOf(client, 'SELECT pg_advisory_lock(7236503)');
    await rowsOf(client, 'BEGIN ISOLATION LEVEL REPEATABLE READ');
    const closed = await find(client);
    const row = closed ?? (await closeCycle(client, cycle, closing));
    await rowsOf(client, 'COMMIT');
    return closed ? await record(closed) : row;
  } finally {
    // Thrown away: an open transaction and the lock end with the connection.
    await client.query('SELECT pg_advisory_unlock_all()').catch(() => undefined);
    client.release(true);
  }
}
