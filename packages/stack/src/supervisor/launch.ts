import { spawn, type ChildProcess } from 'node:child_process';
import { closeSync, openSync, renameSync, statSync } from 'node:fs';
import type { SupervisedPart } from './supervised-part.ts';

const maxLogBytes = 64 * 1024 * 1024;

/** Opens a log for appending; one that has grown large becomes `.1` first. */
export const openLog = (logFile: string, maxBytes = maxLogBytes): number => {
  const size = statSync(logFile, { throwIfNoEntry: false })?.size ?? 0;
  if (size > maxBytes) renameSync(logFile, `${logFile}.1`);
  return openSync(logFile, 'a', 0o600);
};

/** Starts a part with its output in its log file. */
export const launchToLog = ({ program, args, env, cwd, logFile }: SupervisedPart): ChildProcess => {
  const log = openLog(logFile);
  try {
    return spawn(program, args, { stdio: ['ignore', log, log], env, cwd });
  } finally {
    closeSync(log);
  }
};

/** Starts a part whose lines are shown, each behind its name. */
export const launchToLines =
  (write: (line: string) => void) =>
  ({ name, program, args, env, cwd }: SupervisedPart): ChildProcess => {
    const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'], env, cwd });
    for (const stream of [child.stdout, child.stderr]) {
      let rest = '';
      stream.setEncoding('utf8').on('data', (text: string) => {
        const lines = (rest + text).split('\n');
        rest = lines.pop() ?? '';
        for (const line of lines) write(`[${name}] ${line}`);
      });
      stream.on('end', () => {
        if (rest !== '') write(`[${name}] ${rest}`);
      });
    }
    return child;
  };
