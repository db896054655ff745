import { classifyError } from '@vigil/core';
import type { Topology } from '../topology/topology.ts';
import { createRetrySchedule } from './retry-schedule.ts';
import type { Stage, StageDependencies, StageHealth } from './stage.ts';
import { createStageMachine, surroundingsOf } from './stage-machine.ts';

const isPassing = (error: unknown): boolean => ['transient', 'dependency'].includes(classifyError(error).kind);

/**
 * Runs a topology until it is drained or fails for good.
 *
 * @throws VigilError of kind config when it cannot start as it is configured. A broker or registry that is away is no
 *   failure: the stage waits for it, which `health` tells.
 */
export async function runTopology(topology: Topology, dependencies: StageDependencies): Promise<Stage> {
  const { clock, observer, random, settings } = surroundingsOf(dependencies);
  const machine = createStageMachine(topology, { ...dependencies, clock, observer, random });
  const retry = createRetrySchedule(settings, random);
  const stage = topology.name;
  let state: StageHealth['state'] = 'joining';
  let isOpen = false;
  let endRest: () => void = () => undefined;
  let progressedAtMs = clock.now();

  const rest = (delayMs: number): Promise<void> =>
    new Promise((resolve) => {
      const cancel = clock.after(delayMs, resolve);
      endRest = () => {
        cancel();
        resolve();
      };
    });
  const standBack = async (error: unknown): Promise<void> => {
    const { attempt, delayMs } = retry.next();
    state = 'waiting';
    observer.on({ type: 'retrying', stage, partition: null, ...classifyError(error), attempt, delayMs });
    await rest(delayMs);
  };
  const advance = async (): Promise<void> => {
    if (!isOpen) {
      await machine.open();
      isOpen = true;
    }
    await machine.step(settings.pollMs);
    retry.reset();
  };
  const isStopping = (): boolean => state === 'draining' || state === 'stopped';
  const live = async (): Promise<void> => {
    while (!isStopping()) {
      progressedAtMs = clock.now();
      try {
        await advance();
        if (!isStopping()) state = 'running';
      } catch (error) {
        if (isStopping()) return;
        if (!isPassing(error)) throw error;
        await standBack(error);
      }
    }
  };

  try {
    await machine.open();
    isOpen = true;
  } catch (error) {
    if (!isPassing(error)) throw error;
    await standBack(error);
  }

  const finished = Promise.withResolvers<void>();
  finished.promise.catch(() => undefined);
  const drained = (): void => {
    state = 'stopped';
    finished.resolve();
  };
  void live().catch(async (error: unknown) => {
    state = 'failed';
    observer.on({ type: 'failed', stage, ...classifyError(error) });
    await machine.close().catch(() => undefined);
    finished.reject(error);
  });

  return {
    finished: finished.promise,
    health() {
      const { isWaiting, ...health } = machine.health();
      return { ...health, state: state === 'running' && isWaiting ? 'waiting' : state, idleMs: clock.now() - progressedAtMs };
    },
    async drain({ withinMs }) {
      if (state === 'failed' || state === 'stopped') return state === 'stopped';
      state = 'draining';
      endRest();
      const expired = Promise.withResolvers<boolean>();
      const cancel = clock.after(withinMs, () => expired.resolve(false));
      const isDone = await Promise.race([
        machine.close().then(
          () => true,
          () => false,
        ),
        expired.promise,
      ]);
      cancel();
      drained();
      return isDone;
    },
  };
}
