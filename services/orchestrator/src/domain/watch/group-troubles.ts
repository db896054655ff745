import type { TroubleRaised } from '@vigil/contracts';
import { hashId } from '@vigil/core';
import type { GroupObservation } from './observe-groups.ts';
import { windowSamples } from './partition-history.ts';

/** Troubles that were raised and not cleared, by id: an instance that was paused may have raised a second one of the same group. */
export type OpenGroupTroubles = ReadonlyMap<string, TroubleRaised>;

/** How a group has been, look after look; a look that shows neither is not counted. */
export interface GroupCourse {
  readonly isTroubled: boolean;
  readonly looks: number;
  readonly sinceMs: number;
}

const kinds: Readonly<Record<string, string>> = { STALL: 'group-stalled', STOP: 'group-stopped' };
const ownKinds: ReadonlySet<string> = new Set(Object.values(kinds));

/** Longer than a restart with its restore takes, about a minute: a deployment pages nobody. */
export const looksUntilRaised = 3 * windowSamples;
/** Longer than a fresh window, which knows no trouble yet: who takes over ends none by not having looked. */
export const looksUntilCleared = 2 * windowSamples;

/** What is open after these records, in the order in which they were written. */
export function openGroupTroubles(records: Iterable<TroubleRaised>): OpenGroupTroubles {
  const open = new Map<string, TroubleRaised>();
  for (const record of records) {
    if (!ownKinds.has(record.kind)) continue;
    if (record.change === 'raised') open.set(record.troubleId, record);
    else open.delete(record.troubleId);
  }
  return open;
}

/** Null = neither: a rewound group works again, and of one that never read anything nobody knows whether it should. */
function isTroubled({ group, state }: GroupObservation, neverRead: ReadonlySet<string>): boolean | null {
  if (state === 'REWIND') return null;
  if (kinds[state] === undefined) return false;
  return neverRead.has(group) ? null : true;
}

/** The courses with one look more. */
export function followGroups(
  before: ReadonlyMap<string, GroupCourse>,
  groups: readonly GroupObservation[],
  neverRead: ReadonlySet<string>,
): ReadonlyMap<string, GroupCourse> {
  const next = new Map<string, GroupCourse>();
  for (const observation of groups) {
    const { group, observedAt } = observation;
    const now = isTroubled(observation, neverRead);
    if (now === null) continue;
    const known = before.get(group);
    const goesOn = known?.isTroubled === now;
    next.set(group, goesOn ? { ...known, looks: known.looks + 1 } : { isTroubled: now, looks: 1, sinceMs: observedAt });
  }
  return next;
}

const raise = ({ group, state, ...seen }: GroupObservation, { sinceMs }: GroupCourse): TroubleRaised => ({
  troubleId: hashId('group-trouble', group, sinceMs),
  change: 'raised',
  kind: kinds[state] as string,
  severity: 'critical',
  stage: group,
  topic: seen.worstTopic,
  partition: seen.worstPartition < 0 ? null : seen.worstPartition,
  offset: null,
  code: '',
  counts: { lagRecords: seen.lagRecords, lagSeconds: Math.round(seen.lagSeconds) },
  detectedAt: seen.observedAt,
  clearedAt: null,
});

/** What has to be told: groups in trouble for long that nobody was told about, and troubles that are over. One trouble a group. */
export function groupTroublesToTell(
  open: OpenGroupTroubles,
  courses: ReadonlyMap<string, GroupCourse>,
  groups: readonly GroupObservation[],
): readonly TroubleRaised[] {
  return groups.flatMap((observation): readonly TroubleRaised[] => {
    const course = courses.get(observation.group);
    const own = [...open.values()].filter(({ stage }) => stage === observation.group);
    if (course?.isTroubled) return own.length === 0 && course.looks >= looksUntilRaised ? [raise(observation, course)] : [];
    if (course === undefined || course.looks < looksUntilCleared) return [];
    return own.map((trouble) => ({ ...trouble, change: 'cleared', clearedAt: observation.observedAt }));
  });
}
