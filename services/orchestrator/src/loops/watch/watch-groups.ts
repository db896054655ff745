import { classifyError, type ErrorCode } from '@vigil/core';
import type { EngineClock } from '@vigil/kafka';
import type { EmittersOf } from '@vigil/runtime';
import { severityOf, type LagState } from '../../domain/watch/lag-state.ts';
import { observeGroups, type GroupObservation, type LagHistories, type MeasuredPartition } from '../../domain/watch/observe-groups.ts';
import type { events } from '../../events.ts';
import { createGroupTroubleTeller, type GroupTroubleOptions } from './tell-group-troubles.ts';

export interface GroupWatchOptions extends GroupTroubleOptions {
  readonly measure: () => Promise<readonly MeasuredPartition[]>;
  readonly publish: (groups: readonly GroupObservation[]) => Promise<void>;
  /** Whether this instance is the one that observes. */
  readonly isActive: () => boolean;
  readonly clock: EngineClock;
  readonly everyMs: number;
  readonly events: EmittersOf<(typeof events)['declared']>;
  /** Takes back the figures that another instance exposes now. */
  readonly forgetFigures: () => void;
  /** A fault of our own: the watch has ended. */
  readonly onFatal: (error: unknown) => void;
}

export interface GroupWatch {
  /** When the last look succeeded; null = not yet. Standing by counts. */
  lastTurnMs(): number | null;
  stop(): Promise<void>;
}

const passes: ReadonlySet<string> = new Set(['transient', 'dependency', 'fenced']);

/** Tells metrics and log; the log only of changes. */
function createTeller(emit: GroupWatchOptions['events']): (groups: readonly GroupObservation[]) => void {
  const known = new Map<string, LagState>();
  return (groups) => {
    for (const { group, state, lagRecords, lagSeconds, slope, worstTopic, worstPartition } of groups) {
      const lagMs = Math.round(lagSeconds * 1000);
      emit.groupObserved({ group, lagRecords, lagMs, slope, severity: severityOf(state) });
      const before = known.get(group) ?? 'OK';
      known.set(group, state);
      if (state === before) continue;
      if (state === 'OK') emit.groupRecovered({ group });
      else emit.groupTroubled({ group, state, lagMs, topic: worstTopic, partition: worstPartition });
    }
  };
}

/** Groups none of whose partitions was ever read: nobody knows whether they run in this fleet. */
function neverReadOf(measured: readonly MeasuredPartition[]): ReadonlySet<string> {
  const read = new Set(measured.filter(({ isKnown }) => isKnown).map(({ group }) => group));
  return new Set(measured.map(({ group }) => group)).difference(read);
}

/** Looks at all groups at intervals, publishes what it sees, and tells engineering of those that do not move. */
export function watchGroups(options: GroupWatchOptions): GroupWatch {
  const { measure, publish, isActive, clock, everyMs, events: emit, onFatal } = options;
  let histories: LagHistories = new Map();
  let lastTurnMs: number | null = null;
  let stopped = false;
  let cancel = (): void => undefined;
  let turning: Promise<void> = Promise.resolve();
  const tell = createTeller(emit);
  const troubles = createGroupTroubleTeller(options);

  const look = async (): Promise<void> => {
    if (!isActive()) {
      // What others saw meanwhile is unknown: a window with a hole would call a group stopped that is not.
      histories = new Map();
      troubles.forget();
      options.forgetFigures();
      return;
    }
    const measured = await measure();
    const observed = observeGroups(histories, measured, clock.now());
    histories = observed.histories;
    tell(observed.groups);
    // First what the gateway goes by.
    await publish(observed.groups);
    await troubles.follow(observed.groups, neverReadOf(measured));
  };
  const turn = async (): Promise<void> => {
    try {
      await look();
      lastTurnMs = clock.now();
    } catch (error) {
      const { kind, code } = classifyError(error);
      if (!passes.has(kind)) {
        onFatal(error);
        return;
      }
      emit.lagNotObserved({ code: code as ErrorCode });
    }
    if (!stopped) cancel = clock.after(everyMs, begin);
  };
  const begin = (): void => {
    turning = turn();
  };
  begin();
  return {
    lastTurnMs: () => lastTurnMs,
    async stop() {
      stopped = true;
      cancel();
      await turning;
    },
  };
}
