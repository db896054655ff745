import type { AlarmKind, Finding, RuleCode, Severity } from './finding.ts';

/**
 * The alarm of one (patient, vital, rule): its open episode and what is remembered of past ones. Immutable; times are
 * event time in milliseconds.
 *
 * - `idle`     no episode; remembered because of past ones
 * - `pending`  the condition holds, its delay has not passed: withdrawn without a trace if it clears
 * - `raised`   an alert was raised and is not cleared
 */
export interface AlarmTrack {
  readonly rule: RuleCode;
  /** Index of the vital; `noVital` for rules over several. */
  readonly vital: number;
  readonly phase: 'idle' | 'pending' | 'raised';
  readonly kind: AlarmKind;
  /** While raised, the severity it was raised with. */
  readonly severity: Severity;
  readonly since: number;
  /** From when the condition was critical; null = it is not. */
  readonly criticalSince: number | null;
  /** Of the open episode; while idle or pending, of the last one (0 = there was none). */
  readonly raisedAt: number;
  /** From when the condition was gone while raised; null = it holds. */
  readonly clearSince: number | null;
  /** When the last episode was cleared; null = none was. */
  readonly lastTo: number | null;
  /** When past episodes were raised, newest last: an alert id is made of its time, so none may come twice. */
  readonly raisedTimes: readonly number[];
  readonly historic: boolean;
  readonly value: number | null;
  readonly threshold: number | null;
  readonly missing: readonly string[];
  readonly flags: readonly string[];
}

/** How many past episodes of a track are remembered. */
const rememberedEpisodes = 16;

/** The times before `at` that are too old to be told apart from forgotten episodes. */
function isForgotten({ raisedTimes }: AlarmTrack, at: number): boolean {
  const [oldest] = raisedTimes;
  return raisedTimes.length === rememberedEpisodes && oldest !== undefined && at <= oldest;
}

/** Whether an alert at this time could carry the id of an earlier one. */
export const mayRaiseAt = (track: AlarmTrack, at: number): boolean => !track.raisedTimes.includes(at) && !isForgotten(track, at);

export const newTrack = ({ rule, vital, kind }: Pick<Finding, 'rule' | 'vital' | 'kind'>): AlarmTrack => ({
  rule,
  vital,
  phase: 'idle',
  kind,
  severity: 'warning',
  since: 0,
  criticalSince: null,
  raisedAt: 0,
  clearSince: null,
  lastTo: null,
  raisedTimes: [],
  historic: false,
  value: null,
  threshold: null,
  missing: [],
  flags: [],
});

export interface Raise {
  readonly finding: Finding;
  readonly severity: Severity;
  readonly atMs: number;
  readonly historic: boolean;
}

export const raised = (track: AlarmTrack, { finding, severity, atMs, historic }: Raise): AlarmTrack => ({
  ...track,
  phase: 'raised',
  kind: finding.kind,
  severity,
  raisedAt: atMs,
  clearSince: null,
  raisedTimes: [...track.raisedTimes, atMs].slice(-rememberedEpisodes),
  historic,
  value: finding.value,
  threshold: finding.threshold,
  missing: finding.missing,
  flags: finding.flags,
});

/** The track with these times of episodes, too: of two boards that become one. */
export const rememberRaised = (track: AlarmTrack, times: readonly number[]): AlarmTrack => ({
  ...track,
  raisedTimes: [...new Set([...track.raisedTimes, ...times])].sort((a, b) => a - b).slice(-rememberedEpisodes),
});

export const cleared = (track: AlarmTrack, atMs: number): AlarmTrack => ({
  ...track,
  phase: 'idle',
  criticalSince: null,
  clearSince: null,
  lastTo: atMs,
});
