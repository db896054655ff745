import { readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { VigilError } from '@vigil/core';
import { withLock } from '../lock.ts';
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

/** apt-get waits for another's lock on packages, but not for one on its lists: a timer of the system may hold either. */
async function updateLists(env: Readonly<Record<string, string>>, attempts = 60): Promise<void> {
  for (let attempt = 1; ; attempt++)
    try {
      return void (await runCommand('apt-get', ['update', '-q'], { env }));
    } catch (error) {
      if (attempt === attempts || !(error instanceof VigilError && error.message.includes('Could not get lock'))) throw error;
      await sleep(2000);
    }
}

/**
 * As root on Debian installs a package; elsewhere names the missing program and the command that brings it.
 * Parts start beside each other and so may other checkouts: one of them installs at a time.
 * The service that some packages would start stays off: the stack starts its own.
 */
export const installPackage = async (
  { program, debianPackage, elsewhere }: Missing,
  progress: Progress,
  allowed: boolean,
): Promise<void> => {
  if (!allowed) throw new VigilError('MISSING_PROGRAM', { detail: `${program} is missing. Install it: ${elsewhere}.` });
  const env = { DEBIAN_FRONTEND: 'noninteractive', RUNLEVEL: '1' };
  await withLock(join(tmpdir(), 'vigil-apt-get.lock'), async () => {
    progress(`installing ${debianPackage}`);
    await updateLists(env);
    await runCommand('apt-get', ['install', '-y', '-q', '-o', 'DPkg::Lock::Timeout=120', '--no-install-recommends', debianPackage], {
      env,
    });
  });
};
