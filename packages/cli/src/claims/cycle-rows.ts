import { createHash } from 'node:crypto';
import type { ClaimAmounts, Remittance, RemittanceParty, RemittedClaim, RemittedPatient } from '@vigil/claim-formats';
import type { ClaimAdjudicated } from '@vigil/contracts';
import { VigilError } from '@vigil/core';
import type { Pool, PoolClient } from 'pg';
import { decisionsHeldBy, payableDecisions, type OffsetRange, type PayablePlace } from './payable-decisions.ts';
import { rowsOf } from './read-decisions.ts';

/** Exclusive ends by topic and partition. */
export type Ends = Readonly<Record<string, Readonly<Record<string, number>>>>;

/** A row of claims.remittance_cycle. */
export interface CycleRow {
  readonly cycle_id: number;
  readonly cycle: string;
  readonly previous: number | null;
  readonly until: Ends;
  readonly closed_ms: number;
}

/** Columns of a `CycleRow`. */
export const cycleColumns = 'cycle_id, cycle, previous, until, round(extract(epoch FROM closed_at) * 1000)::bigint AS closed_ms';

/** How payers are called, where somebody told; another payer is called by its identifier. */
export type PayerBook = ReadonlyMap<string, RemittanceParty>;
export type PatientOf = (decision: ClaimAdjudicated) => RemittedPatient;

/** Tokens in the place of names. */
export const tokenPatient: PatientOf = ({ patientToken, memberToken }) => ({
  lastName: patientToken,
  firstName: '',
  memberId: memberToken,
});

/** What lies between the ends of two cycles. @throws VigilError REMITTANCE_CHANGED where the store stands before the earlier one */
export function rangesBetween(before: Ends, until: Ends): readonly OffsetRange[] {
  const behind = Object.entries(before).some(([topic, parts]) =>
    Object.entries(parts).some(([part, offset]) => (until[topic]?.[part] ?? 0) < offset),
  );
  if (behind) throw new VigilError('REMITTANCE_CHANGED', { detail: 'The operational store stands before the end of the last cycle.' });
  return Object.entries(until).flatMap(([topic, parts]) =>
    Object.entries(parts).map(([part, end]) => ({ topic, partition: Number(part), from: before[topic]?.[part] ?? 0, until: end })),
  );
}

const lineFields = (line: RemittedClaim['lines'][number]): readonly unknown[] => [
  line.line,
  line.procedureCode,
  line.revenueCode,
  line.modifiers,
  line.unitsThousandths,
  line.serviceFrom,
  line.chargeCents,
  line.paidCents,
  line.allowedCents,
  line.adjustments.map(({ group, carc, cents }) => [group, carc, cents]),
  line.rarc,
];

const claimFields = (claim: RemittedClaim): readonly unknown[] => [
  claim.claimId,
  claim.status,
  claim.chargeCents,
  claim.paidCents,
  claim.patientCents,
  claim.payerControl,
  claim.corrects,
  claim.facility,
  claim.frequency,
  claim.serviceFrom,
  claim.serviceTo,
  claim.receivedOn,
  claim.allowedCents,
  claim.lines.map(lineFields),
];

/**
 * What a payment says, whoever may see names and however payers are called. Fields are named one by one: hashes are kept,
 * so a field that a later version adds must not change them.
 */
export function hashOf({ traceNumber, payee, paidOn, paidCents, claims, providerAdjustments }: Remittance): string {
  const adjustments = providerAdjustments.map(({ code, reference, cents }) => [code, reference, cents]);
  const content = [traceNumber, payee.idType, payee.id, paidOn, paidCents, claims.map(claimFields), adjustments];
  return createHash('sha256').update(JSON.stringify(content)).digest('hex').slice(0, 32);
}

/** What a cycle is made of, before anything of it is held back. */
export interface CycleContent {
  readonly places: readonly PayablePlace[];
  /** What reversals take back, by the decision that they reverse. */
  readonly originals: ReadonlyMap<string, ClaimAmounts>;
}

/**
 * @param previous  the cycle before, whose held decisions come first; null = none
 * @throws VigilError REMITTANCE_CHANGED where the store does not have those (any more)
 */
export async function contentOf(
  database: PoolClient | Pool,
  { ranges, previous }: { readonly ranges: readonly OffsetRange[]; readonly previous: number | null },
): Promise<CycleContent> {
  const gone = await rowsOf(
    database,
    `SELECT FROM claims.remittance_held h WHERE cycle_id = $1 AND NOT EXISTS (SELECT FROM claims.decision d
       WHERE d.src_topic = h.src_topic AND d.src_partition = h.src_partition AND d.src_offset = h.src_offset) LIMIT 1`,
    [previous],
  );
  if (gone.length > 0)
    throw new VigilError('REMITTANCE_CHANGED', { detail: 'Decisions that the last cycle held back are not in the store.' });
  const places = [...(await decisionsHeldBy(database, previous)), ...(await payableDecisions(database, ranges))];
  const originals = places.flatMap(({ reverses, originalChargeCents: chargeCents, originalPaidCents: paidCents }) =>
    reverses === null || chargeCents === null || paidCents === null ? [] : [[reverses, { chargeCents, paidCents }] as const],
  );
  return { places, originals: new Map(originals) };
}

/** Decisions by payer in the order of their identifiers. */
export const byPayerOf = (decisions: readonly ClaimAdjudicated[]): ReadonlyMap<string, readonly ClaimAdjudicated[]> =>
  new Map([...Map.groupBy(decisions, ({ payerId }) => payerId)].sort(([a], [b]) => (a < b ? -1 : 1)));

/** A decision that a cycle did not pay, and why; no identifier of a person or a claim. */
export interface HeldDecision {
  readonly decisionId: string;
  readonly payerId: string;
  readonly payee: string;
  readonly rule: string;
}

export const heldOf = (database: PoolClient | Pool, cycleId: number): Promise<readonly HeldDecision[]> =>
  rowsOf<HeldDecision>(
    database,
    `SELECT decision_id AS "decisionId", payer_id AS "payerId", payee_key AS payee, rule FROM claims.remittance_held WHERE cycle_id = $1
     ORDER BY src_topic, src_partition, src_offset`,
    [cycleId],
  );
