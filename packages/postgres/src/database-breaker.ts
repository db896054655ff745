import { classifyError, VigilError } from '@vigil/core';
import { circuitBreaker, handleWhen, isBrokenCircuitError, SamplingBreaker } from 'cockatiel';
import { toDatabaseError } from './database-error.ts';

/** Runs a call to the database, or refuses it at once while the database is known not to answer. */
export type DatabaseBreaker = <Result>(call: () => Promise<Result>) => Promise<Result>;

/**
 * Opens when half of at least 20 calls within 30 s found the database away, and tries again after 10 s: who asks for an
 * answer should not wait for a connection that will not come. Sinks do not need it: they pause and try again one by one.
 *
 * @throws VigilError BREAKER_OPEN, or what the call failed with
 */
export function createDatabaseBreaker(): DatabaseBreaker {
  const policy = circuitBreaker(
    handleWhen((error) => classifyError(error).kind === 'dependency'),
    { halfOpenAfter: 10_000, breaker: new SamplingBreaker({ threshold: 0.5, duration: 30_000, minimumRps: 20 / 30 }) },
  );
  return async (call) => {
    try {
      return await policy.execute(async () => {
        try {
          return await call();
        } catch (error) {
          throw toDatabaseError(error);
        }
      });
    } catch (error) {
      if (isBrokenCircuitError(error)) throw new VigilError('BREAKER_OPEN', { detail: 'PostgreSQL.', cause: error });
      throw error;
    }
  };
}
