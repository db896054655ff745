import { readFileSync } from 'node:fs';
import { VigilError } from '@vigil/core';
import type { Progress } from '../progress.ts';
import { runCommand } from '../run-command.ts';

export interface Missing {
  /** What a person calls it. */
  readonly program: string;
  /** Debian's package that holds it. */
  readonly debianPackage: string;
  /** What to run elsewhere. */
  readonly elsewhere: string;
}

const isDebian = (releaseFile: string): boolean => {
  try {
    return /^(ID|ID_LIKE)=.*\b(debian|ubuntu)\b/m.test(readFileSync(releaseFile, 'utf8'));
  } catch {
    return false;
  }
};

/** Whether this process may install what is missing. */
export const canInstall = (userId = process.getuid?.(), releaseFile = '/etc/os-release'): boolean => userId === 0 && isDebian(releaseFile);

/**
 * As root on Debian installs a package; elsewhere names the missing program and the command that brings it.
 * The service that some packages would start stays off: the stack starts its own.
 */
export const installPackage = async (
  { program, debianPackage, elsewhere }: Missing,
  progress: Progress,
  allowed: boolean,
): Promise<void> => {
  if (!allowed) throw new VigilError('MISSING_PROGRAM', { detail: `${program} is missing. Install it: ${elsewhere}.` });
  progress(`installing ${debianPackage}`);
  const env = { DEBIAN_FRONTEND: 'noninteractive', RUNLEVEL: '1' };
  await runCommand('apt-get', ['update', '-q'], { env });
  await runCommand('apt-get', ['install', '-y', '-q', '--no-install-recommends', debianPackage], { env });
};
