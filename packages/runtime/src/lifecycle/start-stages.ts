import type { Stage } from '@vigil/kafka';
import type { Health } from '../http/create-health.ts';

/** The share of a service's context that stages are started with. */
export interface StageKeeper {
  readonly health: Pick<Health, 'watch'>;
  readonly supervise: (name: string, stage: Stage) => void;
  readonly fail: (error: unknown) => void;
}

/**
 * Starts stages side by side and waits for none: one that is halted joins its group only when a person resumes it, and must
 * neither keep the service from having started nor hide how far the others are. Each tells from the start that it is joining.
 *
 * @param open  resolves when the stage has joined; what it throws ends the service
 */
export function startStages(
  names: readonly string[],
  open: (name: string) => Promise<Stage>,
  { health, supervise, fail }: StageKeeper,
): void {
  const start = async (name: string): Promise<void> => supervise(name, await open(name));
  for (const name of names) health.watch(name, () => ({ live: true, ready: false, reason: 'joining' }));
  for (const name of names) start(name).catch(fail);
}
