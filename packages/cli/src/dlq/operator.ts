import { userInfo } from 'node:os';
import { VigilError } from '@vigil/core';

const nameShape = /^[\p{L}\p{N}][\p{L}\p{N}._@ -]{0,99}$/u;

/**
 * Who asks or approves: `--as NAME`, else `VIGIL_OPERATOR`, else the account of the operating system. Compared without
 * regard to case, so that one person does not become two.
 *
 * @throws VigilError BAD_USAGE
 */
export function operatorOf(given: string | undefined, environment: Readonly<Record<string, string | undefined>> = process.env): string {
  const name = (given ?? environment['VIGIL_OPERATOR'] ?? userInfo().username).normalize('NFKC').trim().toLowerCase();
  if (!nameShape.test(name)) throw new VigilError('BAD_USAGE', { detail: '--as takes a name of 1 to 100 letters, digits, . _ @ or -.' });
  return name;
}

/** @throws VigilError BAD_USAGE where nobody said why */
export function reasonOf(option: string, reason: string | undefined): string {
  const said = reason?.trim() ?? '';
  if (said === '' || said.length > 500)
    throw new VigilError('BAD_USAGE', { detail: `${option} needs --reason TEXT of 1 to 500 characters.` });
  return said;
}

/** Why something may be shown as it is; null = masked. @throws VigilError BAD_USAGE for one of both flags without the other */
export function revealReasonOf({
  reveal,
  reason,
}: {
  readonly reveal?: boolean | undefined;
  readonly reason?: string | undefined;
}): string | null {
  if (reveal === true) return reasonOf('--reveal', reason);
  if (reason !== undefined) throw new VigilError('BAD_USAGE', { detail: '--reason goes with --reveal.' });
  return null;
}
