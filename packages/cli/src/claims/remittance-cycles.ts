import { createHash } from 'node:crypto';
import {
  assembleRemittances,
  checkRemittance,
  payeeKeyOf,
  type AssembledRemittance,
  type ForwardBalance,
  type Remittance,
  type RemittanceParty,
  type RemittedPatient,
} from '@vigil/claim-formats';
import { retryTopicOf, topics, type ClaimAdjudicated } from '@vigil/contracts';
import { VigilError } from '@vigil/core';
import { toDatabaseError } from '@vigil/postgres';
import type { Pool, PoolClient } from 'pg';
import { decisionsAt, payableDecisions, rowsOf, type OffsetRange } from './read-decisions.ts';

const sink = 'warehouse-loader.operational';
const sources = [topics.claimAdjudicated.name, retryTopicOf(topics.claimAdjudicated.name, sink)];
const dayMs = 86_400_000;

/** Exclusive ends by topic and partition. */
type Ends = Readonly<Record<string, Readonly<Record<string, number>>>>;

interface CycleRow {
  readonly cycle_id: number;
  readonly cycle: string;
  readonly previous: number | null;
  readonly until: Ends;
  readonly closed_ms: number;
}

interface PaymentRow {
  readonly trace_number: string;
  readonly remittance_id: number;
  readonly payer_id: string;
  readonly payee_key: string;
  readonly paid_on: number;
  readonly decisions_hash: string;
  readonly owed_before_cents: number;
  readonly owed_before_trace: string | null;
}

/** How payers are called, where somebody told; another payer is called by its identifier. */
export type PayerBook = ReadonlyMap<string, RemittanceParty>;
export type PatientOf = (decision: ClaimAdjudicated) => RemittedPatient;

/** All payments of one payer in a cycle. */
export interface PayerRemittances {
  readonly payerId: string;
  readonly controlNumber: number;
  readonly closedAtMs: number;
  readonly remittances: readonly Remittance[];
}

/** Tokens in the place of names. */
export const tokenPatient: PatientOf = ({ patientToken, memberToken }) => ({
  lastName: patientToken,
  firstName: '',
  memberId: memberToken,
});

const partyOf = (payers: PayerBook, payerId: string): RemittanceParty =>
  payers.get(payerId) ?? { name: payerId === '' ? 'UNKNOWN' : payerId };

const cycleColumns = 'cycle_id, cycle, previous, until, round(extract(epoch FROM closed_at) * 1000)::bigint AS closed_ms';

const endsOf = (rows: readonly { readonly topic: string; readonly part: number; readonly next_offset: number }[]): Ends => {
  const ends: Record<string, Record<string, number>> = {};
  for (const { topic, part, next_offset: next } of rows) (ends[topic] ??= {})[String(part)] = next;
  return ends;
};

/** What lies between the ends of two cycles. @throws VigilError REMITTANCE_CHANGED where the store stands before the earlier one */
function rangesBetween(before: Ends, until: Ends): readonly OffsetRange[] {
  const behind = Object.entries(before).some(([topic, parts]) =>
    Object.entries(parts).some(([part, offset]) => (until[topic]?.[part] ?? 0) < offset),
  );
  if (behind) throw new VigilError('REMITTANCE_CHANGED', { detail: 'The operational store stands before the end of the last cycle.' });
  return Object.entries(until).flatMap(([topic, parts]) =>
    Object.entries(parts).map(([part, end]) => ({ topic, partition: Number(part), from: before[topic]?.[part] ?? 0, until: end })),
  );
}

/** What the payment says, whoever may see names and however payers are called. */
const hashOf = ({ payer: _payer, ...remittance }: Remittance): string =>
  createHash('sha256').update(JSON.stringify(remittance)).digest('hex').slice(0, 32);

async function decisionsIn(database: PoolClient | Pool, ranges: readonly OffsetRange[]): Promise<ReadonlyMap<string, ClaimAdjudicated[]>> {
  const byPayer = new Map<string, ClaimAdjudicated[]>();
  for await (const decision of decisionsAt(database, await payableDecisions(database, ranges))) {
    const own = byPayer.get(decision.payerId);
    if (own) own.push(decision);
    else byPayer.set(decision.payerId, [decision]);
  }
  return new Map([...byPayer].sort(([a], [b]) => (a < b ? -1 : 1)));
}

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

async function untilBefore(pool: Pool, { previous }: CycleRow): Promise<Ends> {
  if (previous === null) return {};
  const [row] = await rowsOf<{ until: Ends }>(pool, 'SELECT until FROM claims.remittance_cycle WHERE cycle_id = $1', [previous]);
  return (row as { until: Ends }).until;
}

const paymentsSql = `
  SELECT trace_number, remittance_id, payer_id, payee_key, paid_on, decisions_hash, owed_before_cents, owed_before_trace
  FROM claims.remittance WHERE cycle_id = $1 ORDER BY payer_id, payee_key`;

/** The payments of a closed cycle as they were recorded, by payer; hashes are compared, so that they are what they were. */
export class ClosedCycle {
  readonly #row: CycleRow;
  readonly #payments: readonly PaymentRow[];
  readonly #decisions: ReadonlyMap<string, readonly ClaimAdjudicated[]>;

  private constructor(row: CycleRow, payments: readonly PaymentRow[], decisions: ReadonlyMap<string, readonly ClaimAdjudicated[]>) {
    this.#row = row;
    this.#payments = payments;
    this.#decisions = decisions;
  }

  /** @param cycle  closed now where it is not yet */
  static async open(pool: Pool, cycle: string, payerId?: string): Promise<ClosedCycle> {
    const row = await openCycle(pool, cycle);
    const payments = await rowsOf<PaymentRow>(pool, paymentsSql, [row.cycle_id]);
    const decisions = await decisionsIn(pool, rangesBetween(await untilBefore(pool, row), row.until));
    const isWanted = (id: string): boolean => payerId === undefined || id === payerId;
    return new ClosedCycle(
      row,
      payments.filter((payment) => isWanted(payment.payer_id)),
      new Map([...decisions].filter(([id]) => isWanted(id))),
    );
  }

  /** Every decision that is paid or taken back in the cycle. */
  get decisions(): readonly ClaimAdjudicated[] {
    return [...this.#decisions.values()].flat();
  }

  /** @throws VigilError REMITTANCE_CHANGED where the decisions in the store are not those that were recorded */
  remittances(payers: PayerBook, patientOf: PatientOf): readonly PayerRemittances[] {
    const changed = (): never => {
      throw new VigilError('REMITTANCE_CHANGED', { detail: `Cycle ${this.#row.cycle}.` });
    };
    const byPayer = Map.groupBy(this.#payments, ({ payer_id: payerId }) => payerId);
    if (byPayer.size !== this.#decisions.size) changed();
    return [...byPayer].map(([payerId, payments]) => {
      const make = (patient: PatientOf) => this.#assemble(payerId, payments, partyOf(payers, payerId), patient);
      const recorded = new Map(payments.map((payment) => [payment.payee_key, payment]));
      const made = make(tokenPatient);
      const isSame = made.every(({ payeeKey, remittance }) => recorded.get(payeeKey)?.decisions_hash === hashOf(remittance));
      if (made.length !== payments.length || !isSame) changed();
      const remittances = (patientOf === tokenPatient ? made : make(patientOf)).map(({ remittance }) => remittance);
      return {
        payerId,
        controlNumber: Math.min(...payments.map((payment) => payment.remittance_id)),
        closedAtMs: this.#row.closed_ms,
        remittances,
      };
    });
  }

  #assemble(
    payerId: string,
    payments: readonly PaymentRow[],
    payer: RemittanceParty,
    patientOf: PatientOf,
  ): readonly AssembledRemittance[] {
    const decisions = this.#decisions.get(payerId) ?? [];
    const traceNumbers = new Map(payments.map((payment) => [payment.payee_key, payment.trace_number]));
    const balances = new Map(
      payments.flatMap(({ payee_key: payee, owed_before_cents: owedCents, owed_before_trace: traceNumber }) =>
        traceNumber === null ? [] : [[payee, { traceNumber, owedCents }]],
      ),
    );
    // A payee that the record does not know: the decisions are others than they were.
    if (decisions.some((decision) => !traceNumbers.has(payeeKeyOf(decision)))) return [];
    const paidOn = (payments[0] as PaymentRow).paid_on;
    return assembleRemittances({ payerId, payer, paidOn, decisions, patientOf, balances, traceNumbers });
  }
}
