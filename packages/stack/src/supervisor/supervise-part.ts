import type { ChildProcess } from 'node:child_process';
import { getPriority, setPriority } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { endProcess } from '../end-process.ts';
import { identify } from '../process-identity.ts';
import { delayAfter, failuresAfter, type BackOff } from './back-off.ts';
import type { SupervisedPart, SupervisedStatus } from './supervised-part.ts';

export interface PartSupervision {
  readonly launch: (part: SupervisedPart) => ChildProcess;
  /** `never`: a part that ends stays ended, as in the foreground. */
  readonly restart: BackOff | 'never';
  readonly onChange: () => void;
  readonly onEnd: (status: SupervisedStatus) => void;
}

export interface SupervisedProgram {
  readonly status: () => SupervisedStatus;
  /** Asks the program to end, ends it after `withinMs`, and starts it no more. */
  readonly stop: (withinMs: number) => Promise<void>;
}

const lastLinesMs = 1_000;

/** Threads that the program starts later inherit it. One that has ended already needs none. */
const makeNice = ({ pid }: ChildProcess, niceness: number): void => {
  if (pid === undefined || niceness === 0) return;
  try {
    setPriority(pid, getPriority() + niceness);
  } catch {
    // Ended meanwhile: its exit is handled where all exits are.
  }
};

/** Keeps one program running until it is stopped. */
export const supervisePart = (part: SupervisedPart, { launch, restart, onChange, onEnd }: PartSupervision): SupervisedProgram => {
  const { name, kind, port } = part;
  let status: SupervisedStatus = { name, kind, port, state: 'waiting', process: null, restarts: 0, lastExit: null };
  let failures = 0;
  let timer: NodeJS.Timeout | undefined;
  let stopping = false;
  let closed: Promise<unknown> = Promise.resolve();

  const change = (changed: Partial<SupervisedStatus>): void => {
    status = { ...status, ...changed };
    onChange();
  };

  const ended = (lastExit: number | string | null, lastedMs: number): void => {
    if (stopping || restart === 'never') {
      change({ state: 'stopped', process: null, lastExit });
      if (!stopping) onEnd(status);
      return;
    }
    failures = failuresAfter(failures, lastedMs, restart);
    change({ state: 'waiting', process: null, lastExit });
    timer = setTimeout(
      () => {
        start();
        change({ restarts: status.restarts + 1 });
      },
      delayAfter(failures, restart),
    );
  };

  const start = (): void => {
    const began = performance.now();
    const child = launch(part);
    makeNice(child, part.niceness ?? 0);
    closed = new Promise((resolve) => child.once('close', resolve));
    const end = new Promise<number | string | null>((resolve) => {
      child.once('error', (error) => resolve(error.message));
      child.once('exit', (code, signal) => resolve(code ?? signal));
    });
    void end.then((how) => ended(how, performance.now() - began));
    change({ state: 'running', process: child.pid === undefined ? null : identify(child.pid) });
  };

  start();
  return {
    status: () => status,
    stop: async (withinMs) => {
      stopping = true;
      clearTimeout(timer);
      if (status.process !== null) await endProcess(status.process, { withinMs });
      // Its last lines are still on their way when it ends; a child of its own may hold the pipe open for ever.
      await Promise.race([closed, sleep(lastLinesMs, undefined, { ref: false })]);
      change({ state: 'stopped', process: null });
    },
  };
};
