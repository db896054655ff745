import {
  assembleRemittances,
  payeeKeyOf,
  type AssembledRemittance,
  type Remittance,
  type RemittanceCycle,
  type RemittanceParty,
} from '@vigil/claim-formats';
import type { ClaimAdjudicated } from '@vigil/contracts';
import { VigilError } from '@vigil/core';
import type { Pool } from 'pg';
import { openCycle, type Closing } from './close-cycle.ts';
import {
  byPayerOf,
  contentOf,
  hashOf,
  heldOf,
  rangesBetween,
  type CycleContent,
  type CycleRow,
  type Ends,
  type HeldDecision,
  type PatientOf,
  type PayerBook,
} from './cycle-rows.ts';
import { decisionsAt, rowsOf } from './read-decisions.ts';

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

/** All payments of one payer in a cycle. */
export interface PayerRemittances {
  readonly payerId: string;
  readonly controlNumber: number;
  readonly closedAtMs: number;
  readonly remittances: readonly Remittance[];
}

const partyOf = (payers: PayerBook, payerId: string): RemittanceParty =>
  payers.get(payerId) ?? { name: payerId === '' ? 'UNKNOWN' : payerId };

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

  readonly #held: readonly HeldDecision[];
  readonly #originals: CycleContent['originals'];

  private constructor({
    row,
    payments,
    held,
    decisions,
    originals,
  }: {
    readonly row: CycleRow;
    readonly payments: readonly PaymentRow[];
    readonly held: readonly HeldDecision[];
    readonly decisions: ReadonlyMap<string, readonly ClaimAdjudicated[]>;
    readonly originals: CycleContent['originals'];
  }) {
    this.#row = row;
    this.#payments = payments;
    this.#held = held;
    this.#decisions = decisions;
    this.#originals = originals;
  }

  /** @param of  the cycle, closed now where it is not yet, and who asks */
  static async open(
    pool: Pool,
    { cycle, payerId, closing }: { cycle: string; payerId: string | undefined; closing: Closing },
  ): Promise<ClosedCycle> {
    const row = await openCycle(pool, cycle, closing);
    const isWanted = (id: string): boolean => payerId === undefined || id === payerId;
    const payments = await rowsOf<PaymentRow>(pool, paymentsSql, [row.cycle_id]);
    const held = await heldOf(pool, row.cycle_id);
    const ranges = rangesBetween(await untilBefore(pool, row), row.until);
    const { places, originals } = await contentOf(pool, { ranges, previous: row.previous });
    const isHeld = new Set(held.map(({ decisionId }) => decisionId));
    const decisions = await Array.fromAsync(decisionsAt(pool, places.filter(({ decisionId }) => !isHeld.has(decisionId)))); // prettier-ignore
    return new ClosedCycle({
      row,
      payments: payments.filter((payment) => isWanted(payment.payer_id)),
      held: held.filter((decision) => isWanted(decision.payerId)),
      decisions: new Map([...byPayerOf(decisions)].filter(([id]) => isWanted(id))),
      originals,
    });
  }

  /** What was not paid, because it or something of its claim is wrong: it waits for the next cycle. */
  get held(): readonly HeldDecision[] {
    return this.#held;
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
      const recorded = new Map(payments.map((payment) => [payment.payee_key, payment]));
      const made = this.#assemble(payments, { payerId, payer: partyOf(payers, payerId), patientOf });
      const isSame = made.every(({ payeeKey, remittance }) => recorded.get(payeeKey)?.decisions_hash === hashOf(remittance));
      if (made.length !== payments.length || !isSame) changed();
      const remittances = made.map(({ remittance }) => remittance);
      return {
        payerId,
        controlNumber: Math.min(...payments.map((payment) => payment.remittance_id)),
        closedAtMs: this.#row.closed_ms,
        remittances,
      };
    });
  }

  #assemble(
    payments: readonly PaymentRow[],
    { payerId, payer, patientOf }: Pick<RemittanceCycle, 'payerId' | 'payer' | 'patientOf'>,
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
    return assembleRemittances({ payerId, payer, paidOn, decisions, patientOf, balances, traceNumbers, originals: this.#originals });
  }
}
