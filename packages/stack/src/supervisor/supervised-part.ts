import type { ProcessIdentity } from '../process-identity.ts';

/** A program to keep running. */
export interface SupervisedPart {
  readonly name: string;
  readonly kind: 'service' | 'infrastructure';
  readonly program: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly cwd: string;
  readonly logFile: string;
  readonly port: number;
  /** Added to the niceness of the process; 0 = as the supervisor's. */
  readonly niceness?: number;
}

/** `waiting`: it ended and is started again after a delay. */
export type SupervisedState = 'running' | 'waiting' | 'stopped';

export interface SupervisedStatus {
  readonly name: string;
  readonly kind: SupervisedPart['kind'];
  readonly port: number;
  readonly state: SupervisedState;
  readonly process: ProcessIdentity | null;
  readonly restarts: number;
  /** How the last run ended: an exit code, a signal, or why it could not be started. */
  readonly lastExit: number | string | null;
}
