import { expect, test } from '@jest/globals';
import {
  followGroups,
  groupTroublesToTell,
  looksUntilCleared,
  looksUntilRaised,
  openGroupTroubles,
  type GroupCourse,
  type OpenGroupTroubles,
} from './group-troubles.ts';
import type { LagState } from './lag-state.ts';
import type { GroupObservation } from './observe-groups.ts';

const group = 'vitals-windowing';
const seen = (state: LagState, observedAt: number): GroupObservation => ({
  group,
  state,
  lagRecords: 7,
  lagSeconds: 41.6,
  slope: 1,
  worstTopic: 'vitals.reading.accepted.v1',
  worstPartition: 2,
  observedAt,
});

/** Plays looks at one group; what is told is open from then on. */
function aFleet(neverRead: ReadonlySet<string> = new Set()) {
  let courses: ReadonlyMap<string, GroupCourse> = new Map();
  let open: OpenGroupTroubles = new Map();
  let at = 0;
  return (state: LagState, looks: number) =>
    Array.from({ length: looks }, () => {
      const groups = [seen(state, (at += 2000))];
      courses = followGroups(courses, groups, neverRead);
      const told = groupTroublesToTell(open, courses, groups);
      open = openGroupTroubles([...open.values(), ...told]);
      return told;
    }).flat();
}

test('a state that lasts is told once, with its place and figures', () => {
  const play = aFleet();

  expect(play('STOP', looksUntilRaised - 1)).toEqual([]);
  expect(play('STOP', 100)).toEqual([
    expect.objectContaining({
      change: 'raised',
      kind: 'group-stopped',
      stage: group,
      topic: 'vitals.reading.accepted.v1',
      partition: 2,
      counts: { lagRecords: 7, lagSeconds: 42 },
      clearedAt: null,
    }),
  ]);
});

test('a stall has its own kind, and what becomes a stop goes on as the same trouble', () => {
  const play = aFleet();

  expect(play('STALL', looksUntilRaised)).toMatchObject([{ kind: 'group-stalled' }]);
  expect(play('STOP', 100)).toEqual([]);
});

test('a restart pages nobody, and neither do WARN and REWIND, however long', () => {
  const play = aFleet();

  const told = [
    play('STOP', looksUntilRaised - 1),
    play('OK', 1),
    play('STOP', looksUntilRaised - 1),
    play('WARN', 100),
    play('REWIND', 100),
  ];
  expect(told.flat()).toEqual([]);
});

test('a group that never read anything is not in trouble', () => {
  expect(aFleet(new Set([group]))('STOP', 200)).toEqual([]);
});

test('it ends when the group was well for longer than a fresh window, not at a first good look; the next is another trouble', () => {
  const play = aFleet();
  const [raised] = play('STOP', looksUntilRaised);

  expect([play('OK', looksUntilCleared - 1), play('STOP', 50), play('REWIND', 50)].flat()).toEqual([]);
  expect(play('WARN', looksUntilCleared)).toMatchObject([{ ...raised, change: 'cleared', clearedAt: expect.any(Number) }]);
  expect(play('OK', 100)).toEqual([]);
  const [next] = play('STOP', looksUntilRaised);
  expect(next?.troubleId).not.toBe(raised?.troubleId);
});

test('two instances that raised the same trouble are both cleared; troubles of others are left alone', () => {
  const [raised] = aFleet()('STOP', looksUntilRaised);
  if (!raised) throw new Error('nothing was raised');
  const records = [raised, { ...raised, troubleId: 'of a paused instance' }, { ...raised, troubleId: 'x', kind: 'ledger-imbalance' }];
  const open = openGroupTroubles(records);
  const well = new Map([[group, { isTroubled: false, looks: looksUntilCleared, sinceMs: 0 }]]);

  const cleared = groupTroublesToTell(open, well, [seen('OK', 9)]);
  expect(cleared.map(({ troubleId, change }) => [troubleId, change])).toEqual([
    [raised.troubleId, 'cleared'],
    ['of a paused instance', 'cleared'],
  ]);
  expect(openGroupTroubles([...records, ...cleared]).size).toBe(0);
});
