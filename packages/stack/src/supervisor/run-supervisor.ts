import type { StackPaths } from '../paths.ts';
import { identify } from '../process-identity.ts';
import { writeFleet } from './fleet-state.ts';
import type { SupervisedPart, SupervisedStatus } from './supervised-part.ts';
import { supervise } from './supervise.ts';

export interface SupervisorRun {
  readonly paths: StackPaths;
  readonly signals: Pick<NodeJS.Process, 'on' | 'off'>;
}

/** Supervises parts until SIGTERM or SIGINT, its state in `fleet.json`. */
export const runSupervisor = async (parts: readonly SupervisedPart[], { paths, signals }: SupervisorRun): Promise<void> => {
  const self = identify(process.pid);
  const record = (statuses: readonly SupervisedStatus[]): void => {
    try {
      writeFleet(paths, { supervisor: self, parts: statuses });
    } catch (error) {
      // A full disk must not take the fleet down with it; the next change is written again.
      console.error(error);
    }
  };
  const supervisor = supervise(parts, { onChange: record });
  await new Promise<void>((resolve) => {
    const stop = (): void => {
      signals.off('SIGTERM', stop);
      signals.off('SIGINT', stop);
      resolve();
    };
    signals.on('SIGTERM', stop);
    signals.on('SIGINT', stop);
  });
  await supervisor.stop();
};
