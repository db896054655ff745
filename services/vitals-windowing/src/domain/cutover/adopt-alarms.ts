import type { AlarmChange } from '../alarms/advance-alarm.ts';
import { cleared, mayRaiseAt, rememberRaised, type AlarmTrack } from '../alarms/alarm-track.ts';
import { noVital } from '../vitals.ts';

export interface AlarmAdoption {
  /** The alarms that the stage goes on with. */
  readonly tracks: readonly AlarmTrack[];
  /** What the readers of alerts must be told, so that they know the same episodes as open. */
  readonly changes: readonly AlarmChange[];
}

export interface AdoptionMoment {
  /** Event time of the patient's newest reading. */
  readonly atMs: number;
  /** Whether an episode that only the run has open may page at once. */
  readonly pages: boolean;
}

/** What became of one (vital, rule). */
interface Adopted {
  readonly track: AlarmTrack | undefined;
  readonly change?: AlarmChange;
}

/** On the raise of an episode that a replay found. */
const replayedFlag = 'REPLAYED';

const keyOf = ({ rule, vital }: AlarmTrack): string => `${rule} ${vital}`;

/** The episode that people know of, going on as the run judges it. */
const keepEpisode = (live: AlarmTrack, run: AlarmTrack): AlarmTrack => ({
  ...live,
  since: run.since,
  criticalSince: run.criticalSince,
  clearSince: run.phase === 'raised' ? run.clearSince : null,
  lastTo: run.lastTo,
});

function endEpisode(live: AlarmTrack, run: AlarmTrack | undefined, atMs: number): Adopted {
  const clearedAt = Math.max(atMs, live.raisedAt);
  const change = { track: live, clearedAt };
  const { raisedAt, lastTo } = cleared(live, clearedAt);
  return { track: run ? { ...run, raisedAt, lastTo } : cleared(live, clearedAt), change };
}

/** An id that was told before is never told again: the next reading that meets the condition raises another. */
function raiseEpisode(live: AlarmTrack | undefined, run: AlarmTrack, pages: boolean): Adopted {
  if (live && !mayRaiseAt(live, run.raisedAt)) return { track: { ...run, phase: 'pending', clearSince: null } };
  const track = { ...run, historic: run.historic || !pages, flags: [...run.flags, replayedFlag] };
  return { track, change: { track, clearedAt: null } };
}

/** A pending alarm of the live stage told nobody: only what was told before is remembered. */
const memoryOf = (live: AlarmTrack): AlarmTrack | undefined =>
  live.raisedTimes.length === 0 ? undefined : { ...live, phase: 'idle', criticalSince: null };

function adoptAlarm(live: AlarmTrack | undefined, run: AlarmTrack | undefined, { atMs, pages }: AdoptionMoment): Adopted {
  if (live?.phase === 'raised') {
    return run && run.phase !== 'idle' ? { track: keepEpisode(live, run) } : endEpisode(live, run, atMs);
  }
  if (run?.phase === 'raised') return raiseEpisode(live, run, pages);
  return { track: run ?? (live && memoryOf(live)) };
}

/** Of the silence of a whole monitor the live stage alone can tell: the run read in minutes what took days. */
const isMadeByTime = ({ rule, vital }: AlarmTrack): boolean => rule === 'silent' && vital === noVital;

/**
 * Makes one board of alarms of the two that the live stage and a run keep of one patient, after both handled the same
 * readings. Readers know the episodes of the live stage:
 *
 * - open in both, or open live and pending in the run: the live episode stays open under its id and severity; the run says
 *   from when on it is critical or going away;
 * - open live only: cleared, once;
 * - open in the run only: raised under the run's id, as history unless it may page. What is history and still holds in
 *   the next reading is cleared and raised anew by that reading, which pages as ever.
 *
 * No alert id is told twice: what either side raised is remembered.
 */
export function adoptAlarms(live: readonly AlarmTrack[], run: readonly AlarmTrack[], moment: AdoptionMoment): AlarmAdoption {
  const byKey = new Map(live.map((track) => [keyOf(track), track]));
  const runByKey = new Map(run.map((track) => [keyOf(track), track]));
  const tracks: AlarmTrack[] = [];
  const changes: AlarmChange[] = [];
  for (const key of new Set([...byKey.keys(), ...runByKey.keys()])) {
    const [ours, theirs] = [byKey.get(key), runByKey.get(key)];
    const isTimed = isMadeByTime((ours ?? theirs) as AlarmTrack);
    const { track, change }: Adopted = isTimed ? { track: ours } : adoptAlarm(ours, theirs, moment);
    if (change) changes.push(change);
    if (track) tracks.push(rememberRaised(track, [...(ours?.raisedTimes ?? []), ...(theirs?.raisedTimes ?? [])]));
  }
  return { tracks, changes };
}
