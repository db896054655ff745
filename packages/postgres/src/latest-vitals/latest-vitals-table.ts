import type { Pool } from 'pg';
import { toDatabaseError } from '../database-error.ts';
import type { Transaction } from '../transaction.ts';
import { latestVitalCodes, type LatestVital, type LatestVitalCode, type LatestVitals } from './latest-vitals.ts';

/** The row of a patient with its number of changes, by which caches recognise what is newer. */
export interface StoredLatestVitals extends LatestVitals {
  readonly revision: number;
}

type Row = {
  readonly patient_token: string;
  readonly observed_at: Date;
  readonly received_at: Date;
  readonly revision: number;
} & { readonly [Code in LatestVitalCode]: number | null } & { readonly [Code in LatestVitalCode as `${Code}_at`]: Date | null };

const columns = ['patient_token', 'observed_at', 'received_at', ...latestVitalCodes.flatMap((code) => [code, `${code}_at`])];
const returned = `RETURNING ${columns.map((column) => `l.${column}`).join(', ')}, l.revision`;

const types = ['text', 'timestamptz', 'timestamptz', ...latestVitalCodes.flatMap(() => ['double precision', 'timestamptz'])];
const isNewer = (code: string): string => `EXCLUDED.${code}_at >= COALESCE(l.${code}_at, '-infinity')`;

const upsertSql = `
  INSERT INTO clinical.patient_latest AS l (${columns.join(', ')})
  SELECT * FROM unnest(${types.map((type, index) => `$${index + 1}::${type}[]`).join(', ')})
  ON CONFLICT (patient_token) DO UPDATE SET
    observed_at = GREATEST(l.observed_at, EXCLUDED.observed_at),
    received_at = GREATEST(l.received_at, EXCLUDED.received_at),
    ${latestVitalCodes
      .map(
        (code) => `${code} = CASE WHEN ${isNewer(code)} THEN EXCLUDED.${code} ELSE l.${code} END,
    ${code}_at = CASE WHEN ${isNewer(code)} THEN EXCLUDED.${code}_at ELSE l.${code}_at END`,
      )
      .join(',\n    ')},
    revision = l.revision + 1
  ${returned}`;

const instant = (ms: number | undefined): Date | null => (ms === undefined ? null : new Date(ms));

/**
 * Stores the latest values: a vital sign is only ever replaced by one measured later (or at the same instant, by the
 * later record).
 *
 * @returns the rows as they are now
 */
export async function upsertLatestVitals(transaction: Transaction, latest: Iterable<LatestVitals>): Promise<readonly StoredLatestVitals[]> {
  const rows = [...latest].sort((a, b) => (a.patientToken < b.patientToken ? -1 : 1));
  if (rows.length === 0) return [];
  const { rows: stored } = await transaction.query<Row>(upsertSql, [
    rows.map(({ patientToken }) => patientToken),
    rows.map(({ observedAt }) => instant(observedAt)),
    rows.map(({ receivedAt }) => instant(receivedAt)),
    ...latestVitalCodes.flatMap((code) => [
      rows.map(({ vitals }) => vitals[code]?.value ?? null),
      rows.map(({ vitals }) => instant(vitals[code]?.observedAt)),
    ]),
  ]);
  return stored.map(fromRow);
}

function fromRow(row: Row): StoredLatestVitals {
  const vitals: Partial<Record<LatestVitalCode, LatestVital>> = {};
  for (const code of latestVitalCodes) {
    const [value, at] = [row[code], row[`${code}_at`]];
    if (value !== null && at !== null) vitals[code] = { value, observedAt: at.getTime() };
  }
  return {
    patientToken: row.patient_token,
    observedAt: row.observed_at.getTime(),
    receivedAt: row.received_at.getTime(),
    vitals,
    revision: row.revision,
  };
}

const readSql = `SELECT ${columns.join(', ')}, revision FROM clinical.patient_latest WHERE patient_token = $1`;

/** @throws VigilError DATABASE_AWAY and its like */
export async function readLatestVitals(pool: Pool, patientToken: string): Promise<LatestVitals | null> {
  try {
    const { rows } = await pool.query<Row>(readSql, [patientToken]);
    const [row] = rows;
    if (!row) return null;
    const { revision: _revision, ...latest } = fromRow(row);
    return latest;
  } catch (error) {
    throw toDatabaseError(error);
  }
}
