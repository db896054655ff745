import type { Reference } from '@vigil/definitions';
import { Client } from 'pg';
import type { ResolveReference } from '../resolve-reference.ts';
import { databaseUrl } from './database-url.ts';

/**
 * Which database an address means: `host:port/database`, whoever logs in there and whatever the reference is called.
 *
 * @throws VigilError BAD_SETTINGS where the reference names nothing, or what it names is no URL
 */
export function databasePlace(
  address: Reference,
  { source, resolve }: { readonly source: string; readonly resolve: ResolveReference },
): string {
  // Never connected: it fills in what an address leaves out as a connection would.
  const { host, port, database } = new Client({ connectionString: databaseUrl({ address }, { source, resolve }) });
  return `${host.toLowerCase()}:${port}/${database ?? ''}`;
}
