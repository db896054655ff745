import { createHash } from 'node:crypto';
import type { Remittance, RemittanceParty, RemittedClaim, RemittedPatient } from '@vigil/claim-formats';
import type { ClaimAdjudicated } from '@vigil/contracts';
import { VigilError } from '@vigil/core';
import type { Pool, PoolClient } from 'pg';
import { decisionsAt, payableDecisions, type OffsetRange } from './read-decisions.ts';

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

/** What is paid or taken back in some ranges, by payer in the order of their identifiers. */
export async function decisionsIn(
  database: PoolClient | Pool,
  ranges: readonly OffsetRange[],
): Promise<ReadonlyMap<string, ClaimAdjudicated[]>> {
  const byPayer = new Map<string, ClaimAdjudicated[]>();
  for await (const decision of decisionsAt(database, await payableDecisions(database, ranges))) {
    const own = byPayer.get(decision.payerId);
    if (own) own.push(decision);
    else byPayer.set(decision.payerId, [decision]);
  }
  return new Map([...byPayer].sort(([a], [b]) => (a < b ? -1 : 1)));
}
