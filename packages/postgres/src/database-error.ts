import { classifyError, isVigilError, VigilError, type ErrorCode } from '@vigil/core';

/** States that mean more to the fleet than their class says. */
const byState: Readonly<Record<string, ErrorCode>> = {
  '42P01': 'DATABASE_NOT_MIGRATED',
  '42703': 'DATABASE_NOT_MIGRATED',
  '3F000': 'DATABASE_NOT_MIGRATED',
  // Read-only: we still talk to what was the primary before a failover.
  '25006': 'DATABASE_AWAY',
};

/** Connection failures come with the errno codes that every client has; here they mean the database. */
const asDatabase: Partial<Record<ErrorCode | 'UNKNOWN', ErrorCode>> = {
  TIMED_OUT: 'DATABASE_AWAY',
  DISK_UNWRITABLE: 'DATABASE_AWAY',
};

/** `pg` reports a broken or unanswering connection as a bare Error without a code; our own code never throws one. */
const isDriverError = (error: unknown): boolean => error instanceof Error && error.constructor === Error && !('code' in error);

function codeOf(error: unknown): ErrorCode | undefined {
  const { code: state } = (error ?? {}) as { code?: unknown };
  if (typeof state === 'string' && byState[state]) return byState[state];
  const { code } = classifyError(error);
  if (code === 'UNKNOWN') return isDriverError(error) ? 'DATABASE_AWAY' : undefined;
  return asDatabase[code] ?? code;
}

/** Names only: state, table, column or constraint; what the server says further may quote values. */
function detailOf(error: unknown): string {
  const { code, schema, table, column, constraint } = error as Record<string, string | undefined>;
  const place = [schema, table, column ?? constraint].filter(Boolean).join('.');
  return [code && `State ${code}.`, place && `At ${place}.`].filter(Boolean).join(' ');
}

/**
 * What a failed call to PostgreSQL means, by SQLSTATE and errno, never by its text.
 *
 * @returns a VigilError where the failure is known, else the error as it came: unknown = fatal
 */
export function toDatabaseError(error: unknown): unknown {
  if (isVigilError(error)) return error;
  const code = codeOf(error);
  return code ? new VigilError(code, { detail: detailOf(error), cause: error }) : error;
}
