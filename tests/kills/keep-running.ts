import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync } from 'node:fs';
import type { Victim } from './places.ts';

export interface Program {
  readonly victim: Victim;
  readonly program: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly cwd: string;
  readonly logFile: string;
}

export interface KeptRunning {
  readonly pid: () => number;
  stop(): Promise<void>;
}

const restartMs = 200;
const stopWithinMs = 10_000;

/** Starts a program, and starts it again whenever it ends. @param onEnd  told of each end that nobody asked for */
export function keepRunning(
  { victim, program, args, env, cwd, logFile }: Program,
  onEnd: (victim: Victim, how: string) => void,
): KeptRunning {
  let isWanted = true;
  let child: ChildProcess;
  const start = (): void => {
    const log = openSync(logFile, 'a');
    child = spawn(program, args, { cwd, env, stdio: ['ignore', log, log] });
    closeSync(log);
    child.once('exit', (code, signal) => {
      if (!isWanted) return;
      onEnd(victim, signal ?? `exit code ${code}`);
      setTimeout(() => isWanted && start(), restartMs);
    });
  };
  start();
  return {
    pid: () => child.pid ?? 0,
    async stop() {
      isWanted = false;
      if (child.exitCode !== null || child.signalCode !== null) return;
      const patience = setTimeout(() => child.kill('SIGKILL'), stopWithinMs);
      child.kill('SIGTERM');
      await once(child, 'exit');
      clearTimeout(patience);
    },
  };
}
