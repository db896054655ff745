import type { EngineClock } from '@vigil/kafka';
import type { Clock } from '@vigil/core';
import type { Reporter } from './attempts/attempts.ts';
import { heartbeatReport } from './attempts/task-reports.ts';

export interface AnnounceOptions {
  readonly worker: string;
  readonly reporter: Reporter;
  readonly clock: EngineClock;
  readonly wall: Clock;
  /** Several of them fit into the time after which a silent worker counts as gone. */
  readonly everyMs?: number;
}

/**
 * Says that the worker is there, also while it has nothing under way: a pool of which nobody is heard is handed no work.
 *
 * @returns stops it
 */
export function announceWorker({ worker, reporter, clock, wall, everyMs = 4000 }: AnnounceOptions): () => void {
  let number = 0;
  let stop = (): void => undefined;
  const say = (): void => {
    // While Kafka is away the reporter tries again by itself; when it was closed nobody has to know.
    void reporter.send([heartbeatReport([], 0, { worker: worker, nowMs: wall.now(), number: --number })]).catch(() => undefined);
    stop = clock.after(everyMs, say);
  };
  say();
  return () => stop();
}
