import { topics } from '@vigil/contracts';
import type { AdminClient, EngineClock, LiveLag } from '@vigil/kafka';
import type { Admission } from '../domain/admission.ts';
import { createLagEstimate, type PartitionState } from '../domain/lag-estimate.ts';

export interface LagWatchOptions {
  /** What the lag observer says of the groups; null = it is silent. Without it, as when it is silent, the gateway looks for itself. */
  readonly observed?: () => Promise<LiveLag | null>;
  readonly admin: AdminClient;
  /** Groups whose lag holds the gateway back. */
  readonly groups: readonly string[];
  readonly admission: Admission;
  readonly clock: EngineClock;
  readonly everyMs: number;
  /** Told after each sample. */
  readonly onSample: (sample: LagSample) => void;
  /** A sample could not be taken: the rate stays as it is. */
  readonly onError: (error: unknown) => void;
}

export interface LagSample {
  readonly lagSeconds: number;
  readonly ratePerSecond: number | null;
  /** Who measured it. */
  readonly source: 'observer' | 'gateway';
}

export interface LagWatch {
  stop(): Promise<void>;
}

const topicsOf = (group: string): string[] =>
  Object.values(topics)
    .filter(({ readers }) => (readers as readonly string[]).includes(group))
    .map(({ name }) => name);

type Estimates = Map<string, (state: PartitionState) => number>;

/** Greatest lag of one group over the partitions that it has a position on, in seconds. */
async function lagOf(group: string, { admin, clock }: LagWatchOptions, estimates: Estimates): Promise<number> {
  const names = topicsOf(group);
  const ends = new Map(await Promise.all(names.map(async (name) => [name, await admin.stableOffsets(name)] as const)));
  // Positions after ends: a group that keeps up is never taken for one that lags.
  const positions = await admin.committed(group, names);
  const nowMs = clock.now();
  let worst = 0;
  for (const { topic, partition, offset } of positions) {
    const end = ends.get(topic)?.[partition];
    if (offset === null || end === undefined) continue;
    const place = `${group} ${topic} ${partition}`;
    let estimate = estimates.get(place);
    if (!estimate) estimates.set(place, (estimate = createLagEstimate()));
    worst = Math.max(worst, estimate({ nowMs, position: offset, end }));
  }
  return worst;
}

/** The observer's word where it has one: a silent observer must neither open the gateway nor shut it. */
async function askObserver({ observed, onError }: LagWatchOptions): Promise<LiveLag | null> {
  try {
    return (await observed?.()) ?? null;
  } catch (error) {
    onError(error);
    return null;
  }
}

/** Samples the lag of the groups downstream and tells the admission. */
export function watchLag(options: LagWatchOptions): LagWatch {
  const { groups, admission, clock, everyMs, onSample, onError } = options;
  const estimates: Estimates = new Map();
  let stopped = false;
  let cancel = (): void => undefined;
  let sampling: Promise<void> = Promise.resolve();

  let heardOfMs = -Infinity;
  const take = (lagSeconds: number, source: LagSample['source']): void => {
    admission.observeLag(lagSeconds, clock.now());
    onSample({ lagSeconds, ratePerSecond: admission.rate(), source });
  };
  const sample = async (): Promise<void> => {
    try {
      const told = await askObserver(options);
      if (told !== null) {
        // The same observation again would look like a lag that does not fall.
        if (told.observedAt > heardOfMs) take(told.lagSeconds, 'observer');
        heardOfMs = told.observedAt;
        return;
      }
      const lags = await Promise.all(groups.map((group) => lagOf(group, options, estimates)));
      take(Math.max(0, ...lags), 'gateway');
    } catch (error) {
      onError(error);
    }
  };
  const run = async (): Promise<void> => {
    await sample();
    if (!stopped) cancel = clock.after(everyMs, loop);
  };
  const loop = (): void => {
    sampling = run();
  };
  loop();
  return {
    async stop() {
      stopped = true;
      cancel();
      await sampling;
    },
  };
}
