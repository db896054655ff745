import type { Pool } from 'pg';
import { createDatabaseBreaker } from '../database-breaker.ts';
import type { LatestVitals, LatestVitalCode } from './latest-vitals.ts';
import type { LatestVitalsCache } from './latest-vitals-cache.ts';
import { readLatestVitals } from './latest-vitals-table.ts';

/** What `GET /v1/patients/{token}/latest` answers: the latest value of each vital sign, times in RFC 3339. */
export interface LatestVitalsAnswer {
  readonly patientToken: string;
  readonly observedAt: string;
  readonly receivedAt: string;
  readonly vitals: Readonly<Partial<Record<LatestVitalCode, { readonly value: number; readonly observedAt: string }>>>;
}

export interface LatestReaderOptions {
  readonly pool: Pool;
  /** Absent where there is no Redis. */
  readonly cache?: LatestVitalsCache;
  readonly onCacheFailed?: (error: unknown) => void;
}

const instant = (ms: number): string => new Date(ms).toISOString();

const answerOf = ({ patientToken, observedAt, receivedAt, vitals }: LatestVitals): LatestVitalsAnswer => ({
  patientToken,
  observedAt: instant(observedAt),
  receivedAt: instant(receivedAt),
  vitals: Object.fromEntries(
    Object.entries(vitals).map(([code, vital]) => [code, { value: vital.value, observedAt: instant(vital.observedAt) }]),
  ),
});

/**
 * Reads the latest vitals of a patient: from Redis where it answers, else from PostgreSQL.
 *
 * @returns null for a token that no reading was loaded for
 * @throws VigilError when PostgreSQL is needed and does not answer
 */
export function createLatestReader({ pool, cache, onCacheFailed }: LatestReaderOptions) {
  const guarded = createDatabaseBreaker();
  const cached = async (patientToken: string): Promise<LatestVitals | null> => {
    try {
      return (await cache?.get(patientToken)) ?? null;
    } catch (error) {
      onCacheFailed?.(error);
      return null;
    }
  };
  return async (patientToken: string): Promise<LatestVitalsAnswer | null> => {
    const latest = (await cached(patientToken)) ?? (await guarded(() => readLatestVitals(pool, patientToken)));
    return latest && answerOf(latest);
  };
}
