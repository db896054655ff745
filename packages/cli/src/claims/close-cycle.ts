import { assembleRemittances, checkRemittance, payeeKeyOf, type AssembledRemittance, type ForwardBalance } from '@vigil/claim-formats';
import { retryTopicOf, topics } from '@vigil/contracts';
import { VigilError } from '@vigil/core';
import { toDatabaseError } from '@vigil/postgres';
import type { Pool, PoolClient } from 'pg';
import { cycleColumns, decisionsIn, hashOf, rangesBetween, tokenPatient, type CycleRow, type Ends } from './cycle-rows.ts';
import { rowsOf } from './read-decisions.ts';

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

/** @throws VigilError UNBALANCED_REMITTANCE: then no cycle is closed */
function refuseUnbalanced(made: readonly AssembledRemittance[]): void {
  const [problem] = made.flatMap(({ remittance }) => checkRemittance(remittance, `Payment ${remittance.traceNumber}`));
  if (problem) throw new VigilError('UNBALANCED_REMITTANCE', { detail: `${problem.where}: ${problem.rule}.` });
}

/** Trace numbers of a cycle: the cycle's number and a number within it. */
const traceNumberOf = (cycleId: number, place: number): string => `${String(cycleId).padStart(6, '0')}${String(place).padStart(6, '0')}`;

async function closeCycle(client: PoolClient, cycle: string): Promise<CycleRow> {
  const [last] = await rowsOf<CycleRow>(client, `SELECT ${cycleColumns} FROM claims.remittance_cycle ORDER BY cycle_id DESC LIMIT 1`);
  const positions = await rowsOf<{ topic: string; part: number; next_offset: number }>(
    client,
    'SELECT topic, part, next_offset FROM engine.sink_offset WHERE sink = $1 AND topic = ANY ($2::text[])',
    [sink, sources],
  );
  const until = endsOf(positions);
  const ranges = rangesBetween(last?.until ?? {}, until);
  const [made] = await rowsOf<CycleRow>(
    client,
    `INSERT INTO claims.remittance_cycle (cycle, previous, until) VALUES ($1, $2, $3) RETURNING ${cycleColumns}`,
    [cycle, last?.cycle_id ?? null, JSON.stringify(until)],
  );
  const row = made as CycleRow;
  let place = 0;
  for (const [payerId, decisions] of await decisionsIn(client, ranges)) {
    const balances = await owedTo(client, payerId);
    const payees = [...new Set(decisions.map(payeeKeyOf))].sort();
    const traceNumbers = new Map(payees.map((payee) => [payee, traceNumberOf(row.cycle_id, ++place)]));
    const paidOn = Math.floor(row.closed_ms / dayMs);
    const payments = assembleRemittances({ payerId, payer: { name: payerId }, paidOn, decisions, patientOf: tokenPatient, balances, traceNumbers }); // prettier-ignore
    refuseUnbalanced(payments);
    for (const payment of payments) await insertPayment(client, row.cycle_id, payment, balances.get(payment.payeeKey));
  }
  return row;
}

const shapeOfCycle = /^[A-Za-z0-9][A-Za-z0-9._-]{0,31}$/;

/**
 * Finds a cycle, or closes it now: it then holds every decision that the operational store has and no earlier cycle held.
 * One process at a time; what fails leaves no cycle.
 *
 * @throws VigilError BAD_USAGE, UNBALANCED_REMITTANCE, REMITTANCE_CHANGED, and those of a database that is away
 */
export async function openCycle(pool: Pool, cycle: string): Promise<CycleRow> {
  if (!shapeOfCycle.test(cycle)) throw new VigilError('BAD_USAGE', { detail: '--cycle takes 1 to 32 letters, digits, . _ or -.' });
  const find = async (database: Pool | PoolClient) =>
    (await rowsOf<CycleRow>(database, `SELECT ${cycleColumns} FROM claims.remittance_cycle WHERE cycle = $1`, [cycle]))[0];
  const found = await find(pool);
  if (found) return found;
  const client = await pool.connect().catch((error: unknown) => {
    throw toDatabaseError(error);
  });
  try {
    // Before the snapshot of the transaction, so that it holds what whoever went before has closed.
    await rowsOf(client, 'SELECT pg_advisory_lock(7236503)');
    await rowsOf(client, 'BEGIN ISOLATION LEVEL REPEATABLE READ');
    const row = (await find(client)) ?? (await closeCycle(client, cycle));
    await rowsOf(client, 'COMMIT');
    return row;
  } finally {
    // Thrown away: an open transaction and the lock end with the connection.
    await client.query('SELECT pg_advisory_unlock_all()').catch(() => undefined);
    client.release(true);
  }
}
