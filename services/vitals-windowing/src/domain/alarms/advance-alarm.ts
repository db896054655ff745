import { cleared, mayRaiseAt, newTrack, raised, type AlarmTrack } from './alarm-track.ts';
import type { AlarmKind, Finding, RuleCode, Severity } from './finding.ts';

/** How long conditions must hold or be gone, in milliseconds of event time. */
export interface AlarmPolicy {
  delayMs(alarm: { readonly kind: AlarmKind; readonly severity: Severity; readonly vital: number }): number;
  /** How long a condition must be gone before its alarm is cleared: the latch of critical alarms. */
  holdMs(alarm: { readonly kind: AlarmKind; readonly severity: Severity; readonly rule: RuleCode }): number;
  /** A reading out of order that is at most this much older than an episode belongs to it. */
  readonly episodeGapMs: number;
}

/** One end of an episode: the track as it was raised, and when it was cleared (null = raised now). */
export interface AlarmChange {
  readonly track: AlarmTrack;
  readonly clearedAt: number | null;
}

export interface AlarmStep {
  /** Undefined = nothing to remember. */
  readonly track: AlarmTrack | undefined;
  readonly changes: readonly AlarmChange[];
}

/** The reading that a condition was met or not met by. */
export interface Moment {
  readonly atMs: number;
  readonly historic: boolean;
}

const unchanged = (track: AlarmTrack | undefined): AlarmStep => ({ track, changes: [] });
const raise = (track: AlarmTrack, finding: Finding, severity: Severity, { atMs, historic }: Moment): AlarmStep => {
  const next = raised(track, { finding, severity, atMs, historic });
  return { track: next, changes: [{ track: next, clearedAt: null }] };
};

/** Ends the open episode and raises another in its place: the page for what has become worse, or real. */
function replace(track: AlarmTrack, finding: Finding, severity: Severity, moment: Moment): AlarmStep {
  const { track: next, changes } = raise(cleared(track, moment.atMs), finding, severity, moment);
  return { track: next, changes: [{ track, clearedAt: moment.atMs }, ...changes] };
}

/** The severity that the condition has earned by holding long enough; null = none yet. */
function dueSeverity(track: AlarmTrack, finding: Finding, { atMs, policy }: { atMs: number; policy: AlarmPolicy }): Severity | null {
  const { kind, vital } = finding;
  if (track.criticalSince !== null && atMs - track.criticalSince >= policy.delayMs({ kind, severity: 'critical', vital }))
    return 'critical';
  return atMs - track.since >= policy.delayMs({ kind, severity: 'warning', vital }) ? 'warning' : null;
}

function meetWhileRaised(track: AlarmTrack, finding: Finding, moment: Moment, policy: AlarmPolicy): AlarmStep {
  const criticalSince = finding.severity === 'critical' ? (track.criticalSince ?? moment.atMs) : null;
  const holding =
    track.clearSince === null && criticalSince === track.criticalSince ? track : { ...track, clearSince: null, criticalSince };
  if (!mayRaiseAt(track, moment.atMs)) return unchanged(holding);
  const worse = track.severity === 'warning' && dueSeverity(holding, finding, { atMs: moment.atMs, policy }) === 'critical';
  if (worse) return replace(holding, finding, 'critical', moment);
  // An episode known from history only was never paged: when it holds in the present, it must be.
  if (track.historic && !moment.historic) return replace(holding, finding, track.severity, moment);
  return unchanged(holding);
}

/** The condition is met by a reading in order. */
export function meetCondition(current: AlarmTrack | undefined, finding: Finding, moment: Moment, policy: AlarmPolicy): AlarmStep {
  const { atMs } = moment;
  const before = current ?? newTrack(finding);
  if (before.phase === 'raised') return meetWhileRaised(before, finding, moment, policy);
  const criticalSince = finding.severity === 'critical' ? (before.phase === 'pending' ? (before.criticalSince ?? atMs) : atMs) : null;
  const pending: AlarmTrack =
    before.phase === 'pending' && criticalSince === before.criticalSince
      ? before
      : { ...before, phase: 'pending', since: before.phase === 'pending' ? before.since : atMs, criticalSince };
  const severity = dueSeverity(pending, finding, { atMs, policy });
  return severity === null || !mayRaiseAt(pending, atMs) ? unchanged(pending) : raise(pending, finding, severity, moment);
}

/**
 * The condition is met by a reading out of order. Whether it lasted cannot be known any more, so only what needs no delay
 * is raised, and only when no episode is open or was near: an alarm that has been told is not told again.
 */
export function meetConditionLate(current: AlarmTrack | undefined, finding: Finding, moment: Moment, policy: AlarmPolicy): AlarmStep {
  const { atMs } = moment;
  const before = current ?? newTrack(finding);
  if (before.phase === 'raised' || policy.delayMs(finding) > 0 || !mayRaiseAt(before, atMs)) return unchanged(current);
  const known = before.lastTo !== null && atMs >= before.raisedAt - policy.episodeGapMs && atMs <= before.lastTo;
  if (known) return unchanged(current);
  const flagged = { ...finding, flags: [...finding.flags, 'LATE_READING'] };
  return raise({ ...before, since: atMs, criticalSince: finding.severity === 'critical' ? atMs : null }, flagged, finding.severity, moment);
}

const withdrawn = (track: AlarmTrack): AlarmStep =>
  unchanged(track.raisedTimes.length === 0 ? undefined : { ...track, phase: 'idle', criticalSince: null });

/** The condition is gone, by a reading in order. */
export function releaseCondition(track: AlarmTrack, atMs: number, policy: AlarmPolicy): AlarmStep {
  if (track.phase === 'idle') return unchanged(track);
  if (track.phase === 'pending') return withdrawn(track);
  const clearSince = track.clearSince ?? atMs;
  const holding = clearSince === track.clearSince ? track : { ...track, clearSince };
  return atMs - clearSince < policy.holdMs(track) ? unchanged(holding) : endEpisode(holding, atMs);
}

/** Clears an open episode for good, whatever its condition: the patient is gone, or a baseline became the new normal. */
export const endEpisode = (track: AlarmTrack, atMs: number): AlarmStep => {
  if (track.phase !== 'raised') return withdrawn(track);
  // Out of order it may have been raised ahead of the reading that ends it.
  const clearedAt = Math.max(atMs, track.raisedAt);
  return { track: cleared(track, clearedAt), changes: [{ track, clearedAt }] };
};
