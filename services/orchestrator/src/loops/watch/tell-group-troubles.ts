import type { TroubleRaised } from '@vigil/contracts';
import {
  followGroups,
  groupTroublesToTell,
  openGroupTroubles,
  type GroupCourse,
  type OpenGroupTroubles,
} from '../../domain/watch/group-troubles.ts';
import type { GroupObservation } from '../../domain/watch/observe-groups.ts';

/** Where engineering is told. */
export interface TroubleTopic {
  /** All troubles that were ever told, in order. */
  readonly told: () => Promise<readonly TroubleRaised[]>;
  readonly tell: (troubles: readonly TroubleRaised[]) => Promise<void>;
}

export interface GroupTroubleOptions extends TroubleTopic {
  /** Stages that are halted by their quarantine limits: engineering was told of the halt, which is why they stand still. */
  readonly halted: () => Promise<ReadonlySet<string>>;
}

export interface GroupTroubleTeller {
  /** After a failure the next look tells it, with the same id. */
  readonly follow: (groups: readonly GroupObservation[], neverRead: ReadonlySet<string>) => Promise<void>;
  /** Another instance observes: what it tells is read when this one takes over. */
  readonly forget: () => void;
}

/** Pages engineering for groups that do not move: once per trouble, over restarts and takeovers, and once at its end. */
export function createGroupTroubleTeller({ told, tell, halted }: GroupTroubleOptions): GroupTroubleTeller {
  let courses: ReadonlyMap<string, GroupCourse> = new Map();
  let open: OpenGroupTroubles | null = null;

  /** A halted group is counted anew: after its resumption it has as long to move as any other. */
  const passOverHalted = async (): Promise<void> => {
    if (![...courses.values()].some(({ isTroubled }) => isTroubled)) return;
    const stopped = await halted();
    courses = new Map([...courses].filter(([group]) => !stopped.has(group)));
  };
  return {
    follow: async (groups, neverRead) => {
      courses = followGroups(courses, groups, neverRead);
      await passOverHalted();
      open ??= openGroupTroubles(await told());
      if (groupTroublesToTell(open, courses, groups).length === 0) return;
      // What another instance told meanwhile counts: one that was paused does not know yet that it observes no more.
      open = openGroupTroubles(await told());
      const troubles = groupTroublesToTell(open, courses, groups);
      if (troubles.length === 0) return;
      await tell(troubles);
      open = openGroupTroubles([...open.values(), ...troubles]);
    },
    forget: () => {
      courses = new Map();
      open = null;
    },
  };
}
