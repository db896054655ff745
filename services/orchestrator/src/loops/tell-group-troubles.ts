import type { TroubleRaised } from '@vigil/contracts';
import {
  followGroups,
  groupTroublesToTell,
  openGroupTroubles,
  type GroupCourse,
  type OpenGroupTroubles,
} from '../domain/group-troubles.ts';
import type { GroupObservation } from '../domain/observe-groups.ts';

/** Where engineering is told. */
export interface TroubleTopic {
  /** All troubles that were ever told, in order. */
  readonly told: () => Promise<readonly TroubleRaised[]>;
  readonly tell: (troubles: readonly TroubleRaised[]) => Promise<void>;
}

export interface GroupTroubleTeller {
  /** After a failure the next look tells it, with the same id. */
  readonly follow: (groups: readonly GroupObservation[], neverRead: ReadonlySet<string>) => Promise<void>;
  /** Another instance observes: what it tells is read when this one takes over. */
  readonly forget: () => void;
}

/** Pages engineering for groups that do not move: once per trouble, over restarts and takeovers, and once at its end. */
export function createGroupTroubleTeller({ told, tell }: TroubleTopic): GroupTroubleTeller {
  let courses: ReadonlyMap<string, GroupCourse> = new Map();
  let open: OpenGroupTroubles | null = null;
  return {
    follow: async (groups, neverRead) => {
      courses = followGroups(courses, groups, neverRead);
      open ??= openGroupTroubles(await told());
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
