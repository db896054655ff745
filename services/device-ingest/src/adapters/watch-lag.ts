import { topics } from '@vigil/contracts';
import type { AdminClient, EngineClock } from '@vigil/kafka';
import type { Admission } from '../domain/admission.ts';
import { createLagEstimate, type PartitionState } from '../domain/lag-estimate.ts';

export interface LagWatchOptions {
  readonly admin: AdminClient;
  /** Groups whose lag holds the gateway back. */
  readonly groups: readonly string[];
  readonly admission: Admission;
  readonly clock: EngineClock;
  readonly everyMs: number;
  /** Told after each sample. */
  readonly onSample: (sample: { readonly lagSeconds: number; readonly ratePerSecond: number | null }) => void;
  /** A sample could not be taken: the rate stays as it is. */
  readonly onError: (error: unknown) => void;
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

/** Samples the lag of the groups downstream and tells the admission. */
export function watchLag(options: LagWatchOptions): LagWatch {
  const { groups, admission, clock, everyMs, onSample, onError } = options;
  const estimates: Estimates = new Map();
  let stopped = false;
  let cancel = (): void => undefined;
  let sampling: Promise<void> = Promise.resolve();

  const sample = async (): Promise<void> => {
    try {
      const lags = await Promise.all(groups.map((group) => lagOf(group, options, estimates)));
      const lagSeconds = Math.max(0, ...lags);
      admission.observeLag(lagSeconds, clock.now());
      onSample({ lagSeconds, ratePerSecond: admission.rate() });
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
