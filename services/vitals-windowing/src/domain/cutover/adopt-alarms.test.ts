import { expect, test } from '@jest/globals';
import { raised, newTrack, type AlarmTrack } from '../alarms/alarm-track.ts';
import type { Finding, Severity } from '../alarms/finding.ts';
import { noVital } from '../vitals.ts';
import { adoptAlarms } from './adopt-alarms.ts';

const finding: Finding = {
  rule: 'limit-low',
  vital: 0,
  kind: 'physiological',
  severity: 'warning',
  value: 40,
  threshold: 50,
  missing: [],
  flags: [],
};
const raisedAt = (atMs: number, severity: Severity = 'warning', of: Finding = finding): AlarmTrack =>
  raised(newTrack(of), { finding: of, severity, atMs, historic: false });
const pendingSince = (since: number): AlarmTrack => ({ ...newTrack(finding), phase: 'pending', since });
const idleAfter = (...raisedTimes: readonly number[]): AlarmTrack => ({
  ...newTrack(finding),
  raisedTimes,
  raisedAt: raisedTimes.at(-1) ?? 0,
  lastTo: 900,
});

const adopt = (live: AlarmTrack | null, run: AlarmTrack | null, pages = false) => {
  const { tracks, changes } = adoptAlarms(live ? [live] : [], run ? [run] : [], { atMs: 5000, pages });
  return { track: tracks[0], changes: changes.map(({ track, clearedAt }) => [track.raisedAt, clearedAt, track.historic]) };
};

test('an episode that is open in both keeps the id that people know; what the run knows of its condition counts', () => {
  const run: AlarmTrack = { ...raisedAt(2000, 'critical'), criticalSince: 2000, clearSince: 4000 };
  const { track, changes } = adopt(raisedAt(1000), run);
  expect(changes).toEqual([]);
  expect(track).toMatchObject({
    phase: 'raised',
    raisedAt: 1000,
    severity: 'warning',
    criticalSince: 2000,
    clearSince: 4000,
    raisedTimes: [1000, 2000],
  });
});

test('an episode whose condition the run has still pending stays open: it is not cleared and paged again', () => {
  expect(adopt(raisedAt(1000), pendingSince(1000))).toMatchObject({ changes: [], track: { phase: 'raised', raisedAt: 1000 } });
});

test('an episode that only the live stage has open is cleared once, and its id is remembered', () => {
  expect(adopt(raisedAt(1000), null)).toMatchObject({
    changes: [[1000, 5000, false]],
    track: { phase: 'idle', lastTo: 5000, raisedTimes: [1000] },
  });
  expect(adopt(raisedAt(1000), idleAfter(700))).toMatchObject({
    changes: [[1000, 5000, false]],
    track: { phase: 'idle', raisedAt: 1000, lastTo: 5000, raisedTimes: [700, 1000] },
  });
  // Out of order it may have been raised ahead of the newest reading.
  expect(adopt(raisedAt(7000), null).changes).toEqual([[7000, 7000, false]]);
});

test('an episode that only the run has open is told as history, or pages when asked to', () => {
  expect(adopt(null, raisedAt(3000))).toMatchObject({ changes: [[3000, null, true]], track: { historic: true, flags: ['REPLAYED'] } });
  expect(adopt(pendingSince(1000), raisedAt(3000), true)).toMatchObject({ changes: [[3000, null, false]], track: { phase: 'raised' } });
});

test('an id that was told before is not told again: the next reading raises another', () => {
  const { track, changes } = adopt(idleAfter(3000), { ...raisedAt(3000), since: 2500 }, true);
  expect(changes).toEqual([]);
  expect(track).toMatchObject({ phase: 'pending', since: 2500, raisedTimes: [3000] });
});

test('what neither has open tells nothing, and keeps the ids that were told', () => {
  expect(adopt(idleAfter(700), idleAfter(800))).toMatchObject({ changes: [], track: { phase: 'idle', raisedTimes: [700, 800] } });
  expect(adopt(idleAfter(700), null)).toMatchObject({ changes: [], track: { phase: 'idle', raisedTimes: [700] } });
  expect(adopt({ ...idleAfter(700), phase: 'pending' }, null)).toMatchObject({ changes: [], track: { phase: 'idle' } });
  expect(adopt(pendingSince(1000), null)).toEqual({ changes: [], track: undefined });
});

test('of the silence of a whole monitor only the live stage can tell', () => {
  const silent: Finding = { ...finding, rule: 'silent', vital: noVital, kind: 'technical' };
  expect(adopt(raisedAt(1000, 'warning', silent), null)).toMatchObject({ changes: [], track: { phase: 'raised', raisedAt: 1000 } });
  expect(adopt(null, raisedAt(1000, 'warning', silent))).toEqual({ changes: [], track: undefined });
});
