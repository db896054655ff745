import { classifyError, isVigilError, VigilError } from '@vigil/core';
import { Client, type ClientConfig } from 'pg';
import type { SourceRow } from './table-source.ts';

export interface SourceDatabase {
  /** Name of the source. */
  readonly name: string;
  /** Of a login that may read the table. */
  readonly url: string;
  readonly connectMs?: number;
  /** Of one statement. */
  readonly statementMs?: number;
}

/** Values are written the same way in queries and in the stream of changes. */
const writing = '-c datestyle=ISO -c intervalstyle=postgres -c extra_float_digits=3 -c timezone=UTC';
const bool = 16;
const wholeOids: ReadonlySet<number> = new Set([20, 21, 23]);
const floatOids: ReadonlySet<number> = new Set([700, 701]);

/** A value as PostgreSQL writes it → boolean, number or text. What a double cannot hold stays text: decimals, large integers. */
export function valueOf(oid: number, text: string | null): SourceRow[string] {
  if (text === null) return null;
  if (oid === bool) return text === 't';
  if (!wholeOids.has(oid) && !floatOids.has(oid)) return text;
  const number = Number(text);
  return floatOids.has(oid) || Number.isSafeInteger(number) ? number : text;
}

export const connectionOf = ({ name, url, connectMs = 10_000, statementMs = 300_000 }: SourceDatabase): ClientConfig => ({
  connectionString: url,
  application_name: `vigil ${name}`,
  connectionTimeoutMillis: connectMs,
  statement_timeout: statementMs,
  keepAlive: true,
  options: writing,
});

const gone: ReadonlySet<string> = new Set(['42P01', '42703', '42704', '3F000']);
const denied: ReadonlySet<string> = new Set(['42501', '28000', '28P01']);
/** SQLSTATE or errno of a failure; empty = none. */
export function stateOf(error: unknown): string {
  const code = (error as { readonly code?: unknown } | null)?.code;
  return typeof code === 'string' ? code : '';
}

/** What a failure of a source's database means. Its text may quote rows: only the state is told. */
export function toSourceError(error: unknown, name: string): unknown {
  if (isVigilError(error)) return error;
  const state = stateOf(error);
  const detail = `Source ${name}${state === '' ? '' : `, state ${state}`}.`;
  if (denied.has(state)) return new VigilError('SOURCE_DENIED', { detail, cause: error });
  if (gone.has(state)) return new VigilError('TABLE_UNFIT', { detail, cause: error });
  const { kind } = classifyError(error);
  const isDriver = error instanceof Error && error.constructor === Error && state === '';
  if (isDriver || ['transient', 'dependency'].includes(kind) || state.startsWith('57'))
    return new VigilError('SOURCE_AWAY', { detail, cause: error });
  return kind === 'auth' ? new VigilError('SOURCE_DENIED', { detail, cause: error }) : error;
}

/** A connection that reads; values come as `valueOf` says. @throws VigilError SOURCE_AWAY, SOURCE_DENIED */
export async function openSourceClient(source: SourceDatabase): Promise<Client> {
  const types = { getTypeParser: (oid: number) => (text: string) => valueOf(oid, text) };
  const client = new Client({ ...connectionOf(source), types });
  // Whoever waits for a query is told by it.
  client.on('error', () => undefined);
  try {
    await client.connect();
    return client;
  } catch (error) {
    throw toSourceError(error, source.name);
  }
}
