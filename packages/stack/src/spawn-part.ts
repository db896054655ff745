import { spawn } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { VigilError } from '@vigil/core';
import { identify, type ProcessIdentity } from './process-identity.ts';

export interface PartCommand {
  readonly name: string;
  readonly program: string;
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
  readonly logFile: string;
  /** Another user to run as; only root can. */
  readonly user?: { readonly uid: number; readonly gid: number } | undefined;
}

/** What a part may know of our environment; secrets of the caller's shell are not its business. */
const inherited = ['PATH', 'HOME', 'LANG', 'TMPDIR', 'TZ'];

export const baseEnvironment = (): Record<string, string> =>
  Object.fromEntries(inherited.flatMap((name) => (process.env[name] === undefined ? [] : [[name, process.env[name]]])));

/** Starts a process that outlives this one, its output appended to a log file. */
export const spawnPart = async ({ name, program, args, env, cwd, logFile, user }: PartCommand): Promise<ProcessIdentity> => {
  const log = openSync(logFile, 'a', 0o600);
  try {
    const child = spawn(program, args, {
      detached: true,
      stdio: ['ignore', log, log],
      env: { ...baseEnvironment(), ...env },
      ...(cwd === undefined ? {} : { cwd }),
      ...user,
    });
    await new Promise<void>((resolve, reject) => {
      child.once('spawn', resolve);
      child.once('error', reject);
    });
    child.unref();
    return identify(Number(child.pid));
  } catch (cause) {
    throw new VigilError('MISSING_PROGRAM', {
      detail: `${name} (${program}) does not start: ${String(cause)}.`,
      cause,
    });
  } finally {
    closeSync(log);
  }
};

/** The last lines of a log, for an error message. */
export const tailOf = (logFile: string, lines = 15): string => {
  try {
    return readFileSync(logFile, 'utf8').trimEnd().split('\n').slice(-lines).join('\n');
  } catch {
    return '';
  }
};
