import { VigilError } from '@vigil/core';
import type { Reference } from '@vigil/definitions';
import type { ResolveReference } from '../resolve-reference.ts';

/** How the database of a source is reached: references only. */
export interface DatabaseAccess {
  readonly address: Reference;
  readonly credential?: { readonly user: Reference; readonly password: Reference } | undefined;
}

/** @throws VigilError BAD_SETTINGS where a reference names nothing, or the address is no URL */
export function databaseUrl(
  { address, credential }: DatabaseAccess,
  { source, resolve }: { readonly source: string; readonly resolve: ResolveReference },
): string {
  const url = URL.parse(resolve(address));
  if (url === null) throw new VigilError('BAD_SETTINGS', { detail: `The address of source ${source} is no URL.` });
  if (credential) {
    url.username = encodeURIComponent(resolve(credential.user));
    url.password = encodeURIComponent(resolve(credential.password));
  }
  return url.href;
}
