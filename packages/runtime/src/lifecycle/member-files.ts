import type { MemberMemory } from '@vigil/kafka';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';

interface Remembered {
  readonly memberId: string;
  readonly pid: number;
  readonly host: string;
}

function readRemembered(file: string): Remembered | null {
  try {
    const { memberId, pid, host } = JSON.parse(readFileSync(file, 'utf8')) as Partial<Remembered>;
    return typeof memberId === 'string' && Number.isSafeInteger(pid) && typeof host === 'string'
      ? { memberId, pid: pid as number, host }
      : null;
  } catch {
    // Not there, or cut off by the crash: then the session's end is waited for.
    return null;
  }
}

/** A process that may not be signalled is alive, too. */
function isAlive(pid: number): boolean {
  // A container's first process has the number of its predecessor.
  if (pid === process.pid) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== 'ESRCH';
  }
}

/** Memberships in files of a folder that one instance and its successors have to themselves. @throws when it cannot be written to */
export function createMemberFiles(directory: string): MemberMemory {
  mkdirSync(directory, { recursive: true });
  const fileOf = (group: string): string => join(directory, `${encodeURIComponent(group)}.json`);
  return {
    predecessorOf(group) {
      const remembered = readRemembered(fileOf(group));
      return remembered !== null && remembered.host === hostname() && !isAlive(remembered.pid) ? remembered.memberId : null;
    },
    remember(group, memberId) {
      const remembered: Remembered = { memberId, pid: process.pid, host: hostname() };
      writeFileSync(fileOf(group), JSON.stringify(remembered));
    },
    forget: (group) => rmSync(fileOf(group), { force: true }),
  };
}
