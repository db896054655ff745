import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';

/** A process as it is remembered: a pid alone may belong to somebody else after a reboot. */
export interface ProcessIdentity {
  readonly pid: number;
  /** Opaque; equal only for the same process of the same boot. */
  readonly startedAt: string;
}

const bootIdFile = '/proc/sys/kernel/random/boot_id';

const startOnLinux = (pid: number): string | undefined => {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // Fields after the command, which stands in brackets and may hold spaces: state is the 3rd of all, start time the 22nd.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    if (fields[0] === 'Z') return undefined;
    return `${readFileSync(bootIdFile, 'utf8').trim()}:${fields[19]}`;
  } catch {
    return undefined;
  }
};

/** For systems without `/proc`. */
export const startByPs = (pid: number): string | undefined => {
  const { status, stdout } = spawnSync('ps', ['-o', 'lstart=', '-p', String(pid)], {
    encoding: 'utf8',
    env: { ...process.env, LC_ALL: 'C' },
  });
  return status === 0 && stdout.trim() !== '' ? stdout.trim() : undefined;
};

/** When a running process started; undefined when there is none (a zombie is none). */
export const startOf = (pid: number): string | undefined => (existsSync(bootIdFile) ? startOnLinux(pid) : startByPs(pid));

/** The identity of a process that was just started; of one that ended already it says so and equals none. */
export const identify = (pid: number): ProcessIdentity => ({ pid, startedAt: startOf(pid) ?? 'ended' });

export const isRunning = ({ pid, startedAt }: ProcessIdentity): boolean => startOf(pid) === startedAt;
