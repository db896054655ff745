import type { TaskRequested } from '@vigil/contracts';
import type { Attempts, Reporter } from '../attempts/attempts.ts';
import type { HeldLanes } from './hold-lanes.ts';
import { takeStartable } from './request-lanes.ts';

export interface PumpOptions {
  readonly lanes: HeldLanes;
  readonly attempts: Attempts;
  readonly reporter: Reporter;
  readonly onFatal: (error: unknown) => void;
}

/** Starts what waits in the lanes; one round at a time. */
export interface Pump {
  start(): void;
  /** Begins no further round; resolves when the one under way has ended. */
  stop(): Promise<void>;
}

/**
 * An attempt is told as started and the position behind it committed before it runs: a worker that dies in between leaves a
 * lease that ends, never two attempts of one epoch.
 */
export function createPump({ lanes, attempts, reporter, onFatal }: PumpOptions): Pump {
  let pumping: Promise<void> | null = null;
  let isWanted = false;
  let isStopped = false;

  const startWaiting = async (): Promise<void> => {
    const own = lanes.current();
    const admitted: TaskRequested[] = [];
    takeStartable(
      own.values(),
      () => attempts.free(),
      (request) => {
        if (request.kind === 'cancel') attempts.cancel(request);
        else if (attempts.admit(request) === 'run') admitted.push(request);
      },
    );
    for (const lane of own.values()) lanes.balance(lane);
    // Both must be safe before anything runs, whichever is first.
    const telling = admitted.length > 0 ? reporter.send(admitted.map((request) => attempts.started(request))) : Promise.resolve();
    const [isOurs] = await Promise.all([lanes.commit(own), telling]);
    if (isOurs) for (const request of admitted) attempts.run(request);
    else {
      for (const request of admitted) attempts.withdraw(request);
      lanes.startAgain(own);
    }
  };
  const run = async (): Promise<void> => {
    try {
      while (isWanted && !isStopped) {
        isWanted = false;
        await startWaiting();
      }
    } catch (error) {
      if (!isStopped) onFatal(error);
    } finally {
      pumping = null;
      if (isWanted && !isStopped) start();
    }
  };
  const start = (): void => {
    isWanted = true;
    pumping ??= run();
  };
  return {
    start,
    async stop() {
      isStopped = true;
      await pumping;
    },
  };
}
