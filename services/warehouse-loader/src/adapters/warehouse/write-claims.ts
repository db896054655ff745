import type { DeidClaimAdjudicated } from '@vigil/contracts';
import type { SinkSlice } from '@vigil/kafka';
import { BinaryRows, copyRows, type Transaction } from '@vigil/postgres';
import {
  claimAdjustmentTable,
  claimDiagnosisTable,
  claimLineTable,
  claimTable,
  writeClaim,
  writeClaimAdjustment,
  writeClaimDiagnosis,
  writeClaimLine,
} from '../../domain/claim-fact-rows.ts';
import type { RowSource } from '../../domain/fact-rows.ts';
import { planNameOf, providerNameOf, type ClaimKeys } from './claim-dimensions.ts';
import { pseudonymOf, type FactKeys } from './write-facts.ts';

type Keys = FactKeys & ClaimKeys;

/** Rows of the four tables of claims, filled side by side. */
class ClaimRows {
  readonly claims = new BinaryRows(claimTable);
  readonly lines = new BinaryRows(claimLineTable);
  readonly adjustments = new BinaryRows(claimAdjustmentTable);
  readonly diagnoses = new BinaryRows(claimDiagnosisTable);
  readonly #keys: Keys;

  constructor(keys: Keys) {
    this.#keys = keys;
  }

  add(claim: DeidClaimAdjudicated, source: RowSource): void {
    const keyOf = (map: ReadonlyMap<string, number>, natural: string): number => map.get(natural) as number;
    const patient = keyOf(this.#keys.patients, pseudonymOf(claim));
    this.claims.begin();
    writeClaim(
      this.claims,
      claim,
      {
        patient,
        provider: keyOf(this.#keys.providers, providerNameOf(claim)),
        payer: keyOf(this.#keys.payers, claim.payerId ?? ''),
        plan: keyOf(this.#keys.plans, planNameOf(claim)),
      },
      source,
    );
    for (const [index, line] of (claim.lines ?? []).entries()) {
      const of = { decisionId: claim.decisionId, line: line.line ?? index + 1, patient };
      this.lines.begin();
      writeClaimLine(this.lines, line, { ...of, procedure: keyOf(this.#keys.procedures, line.procedureCode ?? '') }, source);
      for (const [place, adjustment] of (line.adjustments ?? []).entries()) {
        this.adjustments.begin();
        writeClaimAdjustment(this.adjustments, adjustment, { ...of, place: place + 1 }, source);
      }
    }
    for (const [index, code] of (claim.diagnosisCodes ?? []).entries()) {
      this.diagnoses.begin();
      const diagnosis = keyOf(this.#keys.diagnoses, code);
      writeClaimDiagnosis(this.diagnoses, { decisionId: claim.decisionId, place: index + 1, diagnosis }, source);
    }
  }
}

/** Writes decisions about claims with lines, adjustments and diagnoses by COPY. Returns the rows written, by table. */
export async function writeClaims(
  transaction: Transaction,
  { topic, partition, records }: SinkSlice<DeidClaimAdjudicated>,
  loadId: number,
  keys: Keys,
): Promise<Readonly<Record<string, number>>> {
  const rows = new ClaimRows(keys);
  for (const { value, offset } of records) rows.add(value, { topic, partition, offset, loadId });
  const written: Record<string, number> = {};
  for (const part of [rows.claims, rows.lines, rows.adjustments, rows.diagnoses]) {
    written[part.target.table] = await copyRows(transaction, part);
  }
  return written;
}
