import { createHash } from 'node:crypto';

/** An index of PostgreSQL takes 2,704 bytes an entry; source and version stand beside the path. */
const mostBytes = 2_000;
const keptCharacters = 120;
const standIn = /…[0-9a-f]{64}$/;

/**
 * The path under which a file stands in the ledger: its own, or where the ledger cannot hold that, its beginning and the hash
 * of the whole. One such file must not keep the others of its listing out.
 */
export function ledgerPathOf(path: string): string {
  if (Buffer.byteLength(path, 'utf8') <= mostBytes && !path.includes('\0')) return path;
  const beginning = path.replaceAll('\0', '').slice(0, keptCharacters).toWellFormed();
  return `${beginning}…${createHash('sha256').update(path, 'utf8').digest('hex')}`;
}

/** Whether the ledger names the file otherwise than its source does: it can be told of, never opened. */
export const isStandIn = (path: string): boolean => standIn.test(path);
