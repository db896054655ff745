import type { ChildProcess } from 'node:child_process';
import { usualBackOff, type BackOff } from './back-off.ts';
import { launchToLog } from './launch.ts';
import type { SupervisedPart, SupervisedStatus } from './supervised-part.ts';
import { supervisePart, type SupervisedProgram } from './supervise-part.ts';

export interface SuperviseOptions {
  readonly launch?: (part: SupervisedPart) => ChildProcess;
  readonly restart?: BackOff | 'never';
  /** Every change of a state, a process or a count of restarts. */
  readonly onChange?: (statuses: readonly SupervisedStatus[]) => void;
  /** A part that ended by itself and is not started again. */
  readonly onEnd?: (status: SupervisedStatus) => void;
}

export interface Supervisor {
  readonly status: () => readonly SupervisedStatus[];
  readonly stop: (withinMs?: number) => Promise<void>;
}

const stopWithinMs = 15_000;

/** Keeps programs running: one that ends is started again, later and later while it keeps failing. */
export const supervise = (
  parts: readonly SupervisedPart[],
  { launch = launchToLog, restart = usualBackOff, onChange = () => {}, onEnd = () => {} }: SuperviseOptions = {},
): Supervisor => {
  const programs: SupervisedProgram[] = [];
  const status = (): SupervisedStatus[] => programs.map((program) => program.status());
  // Nobody is shown a list that lacks the parts that are still being started: it would look complete.
  const changed = (): void => {
    if (programs.length === parts.length) onChange(status());
  };
  for (const part of parts) programs.push(supervisePart(part, { launch, restart, onChange: changed, onEnd }));
  changed();
  return {
    status,
    stop: async (withinMs = stopWithinMs) => {
      // Services first: what they send while they drain must still find whom they send it to.
      for (const kind of ['service', 'infrastructure'] as const) {
        await Promise.all(programs.filter((program) => program.status().kind === kind).map(async (program) => program.stop(withinMs)));
      }
    },
  };
};
