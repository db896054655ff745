import { expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { endEpisode, meetCondition, meetConditionLate, releaseCondition, type AlarmChange, type AlarmPolicy } from './advance-alarm.ts';
import type { AlarmTrack } from './alarm-track.ts';
import type { Finding, Severity } from './finding.ts';

const policy = (warningDelayMs: number, criticalDelayMs: number, latchMs: number): AlarmPolicy => ({
  delayMs: ({ severity }) => (severity === 'critical' ? criticalDelayMs : warningDelayMs),
  holdMs: ({ severity }) => (severity === 'critical' ? latchMs : 0),
  episodeGapMs: 300,
});
const policies = fc.constantFrom(policy(300, 0, 60), policy(0, 0, 0), policy(300, 15, 60), policy(0, 0, 60));

const finding = (severity: Severity): Finding => ({
  rule: 'limit-low',
  vital: 0,
  kind: 'physiological',
  severity,
  value: 1,
  threshold: 2,
  missing: [],
  flags: [],
});

interface Event {
  readonly what: 'critical' | 'warning' | 'clear' | 'late critical' | 'late warning' | 'end';
  readonly aheadMs: number;
  readonly historic: boolean;
}

const events = fc.array(
  fc.record<Event>({
    what: fc.constantFrom('critical', 'warning', 'clear', 'clear', 'late critical', 'late warning', 'end'),
    aheadMs: fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 400 })),
    historic: fc.boolean(),
  }),
  { maxLength: 80 },
);

interface Played {
  readonly changes: readonly AlarmChange[];
  readonly track: AlarmTrack | undefined;
}

/** Time of readings in order never goes back; a late one lies somewhere before. */
function play(sequence: readonly Event[], rules: AlarmPolicy): Played {
  let now = 10_000;
  let track: AlarmTrack | undefined;
  const changes: AlarmChange[] = [];
  const stepOf = ({ what, aheadMs, historic }: Event) => {
    if (what.startsWith('late')) {
      const severity = what === 'late critical' ? 'critical' : 'warning';
      return meetConditionLate(track, finding(severity), { atMs: now - aheadMs * 5, historic }, rules);
    }
    now += aheadMs;
    if (what === 'critical' || what === 'warning') return meetCondition(track, finding(what), { atMs: now, historic }, rules);
    if (track === undefined) return { track, changes: [] };
    return what === 'end' ? endEpisode(track, now) : releaseCondition(track, now, rules);
  };
  for (const event of sequence) {
    const step = stepOf(event);
    changes.push(...step.changes);
    track = step.track;
  }
  return { changes, track };
}

test('raised and cleared alternate, each at most once per id, and no episode ends before it begins', () => {
  fc.assert(
    fc.property(events, policies, (sequence, rules) => {
      const { changes, track } = play(sequence, rules);
      const raises = changes.filter(({ clearedAt }) => clearedAt === null);

      for (const [index, change] of changes.entries()) {
        expect(change.clearedAt === null).toBe(index % 2 === 0);
        if (change.clearedAt === null) continue;
        expect(change.track.raisedAt).toBe(changes[index - 1]?.track.raisedAt);
        expect(change.clearedAt).toBeGreaterThanOrEqual(change.track.raisedAt);
      }
      expect(new Set(raises.map(({ track: { raisedAt } }) => raisedAt)).size).toBe(raises.length);
      expect(track?.phase === 'raised').toBe(changes.length % 2 === 1);
    }),
    { numRuns: 500 },
  );
});

test('what never lasted as long as its delay leaves no record, and no memory once it is gone', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 299 }), { maxLength: 30 }), (lengths) => {
      const rules = policy(300, 300, 60);
      let now = 0;
      let track: AlarmTrack | undefined;
      for (const length of lengths) {
        track = meetCondition(track, finding('warning'), { atMs: now, historic: false }, rules).track;
        const last = meetCondition(track, finding('warning'), { atMs: now + length, historic: false }, rules);
        expect(last.changes).toEqual([]);
        expect(last.track?.phase).toBe('pending');
        now += length + 1;
        const gone = releaseCondition(last.track as AlarmTrack, now, rules);
        expect(gone).toEqual({ track: undefined, changes: [] });
        track = undefined;
        now += 1;
      }
    }),
  );
});

test('what lasts is raised by the first reading at which it has lasted long enough', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 1, max: 200 }), { minLength: 5, maxLength: 40 }), (gaps) => {
      const rules = policy(300, 0, 60);
      let now = 0;
      let track: AlarmTrack | undefined;
      const times = gaps.map((gap) => (now += gap));
      const raisedAt: number[] = [];
      for (const atMs of times) {
        const step = meetCondition(track, finding('warning'), { atMs, historic: false }, rules);
        track = step.track;
        raisedAt.push(...step.changes.map((change) => change.track.raisedAt));
      }
      const due = times.find((atMs) => atMs - (times[0] as number) >= 300);
      expect(raisedAt).toEqual(due === undefined ? [] : [due]);
    }),
  );
});
