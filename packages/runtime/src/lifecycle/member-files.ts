import type { MemberMemory } from '@vigil/kafka';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';

interface Remembered {
  readonly memberId: string;
  readonly pid: number;
  readonly host: string;
  /** When the process began: a container's first process has the number of its predecessor. */
  readonly startedAtMs: number;
}

function readRemembered(file: string): Remembered | null {
  try {
    const { memberId, pid, host, startedAtMs } = JSON.parse(readFileSync(file, 'utf8')) as Partial<Remembered>;
    return typeof memberId === 'string' && Number.isSafeInteger(pid) && typeof host === 'string' && typeof startedAtMs === 'number'
      ? { memberId, pid: pid as number, host, startedAtMs }
      : null;
  } catch {
    // Not there, or cut off by the crash: then the session's end is waited for.
    return null;
  }
}

/** A process that may not be signalled is alive, too. */
function isAlive({ pid, startedAtMs }: Remembered): boolean {
  if (pid === process.pid) return startedAtMs === performance.timeOrigin;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== 'ESRCH';
  }
}

/** A disk that is full must not keep anybody out of the group: without the file a successor waits for the session, no more. */
function attempt(write: () => void): void {
  try {
    write();
  } catch {
    // What is told by the absence of the file is true.
  }
}

/** Memberships in files of a folder that one instance and its successors have to themselves. @throws when it cannot be written to */
export function createMemberFiles(directory: string): MemberMemory {
  mkdirSync(directory, { recursive: true });
  const fileOf = (group: string): string => join(directory, `${encodeURIComponent(group)}.json`);
  return {
    predecessorOf(group) {
      const remembered = readRemembered(fileOf(group));
      return remembered !== null && remembered.host === hostname() && !isAlive(remembered) ? remembered.memberId : null;
    },
    remember(group, memberId) {
      const remembered: Remembered = { memberId, pid: process.pid, host: hostname(), startedAtMs: performance.timeOrigin };
      attempt(() => writeFileSync(fileOf(group), JSON.stringify(remembered)));
    },
    forget: (group) => attempt(() => rmSync(fileOf(group), { force: true })),
  };
}
