import { expect, test } from '@jest/globals';
import { parseDefinition, scheduleSchema } from '@vigil/definitions';
import { isTimed, type TimedSchedule } from '../calendar/timed-schedule.ts';
import { decideFires, maxSkippedTold, nextWakeAt } from './decide-fires.ts';
import type { FireDecision, OpenRun } from './decide-overlap.ts';

const at = (text: string): number => Date.parse(`2026-11-26T${text}Z`);

function scheduleOf(text: string): TimedSchedule {
  const schedule = parseDefinition(text, 'test.yaml', scheduleSchema);
  if (!isTimed(schedule)) throw new Error(text);
  return schedule;
}

const hourly = (catchUp: string, overlap: string): TimedSchedule =>
  scheduleOf(`{type: cron, expression: "0 * * * *", catch_up: ${catchUp}, overlap: ${overlap}}`);

const letters = { started: 'S', queued: 'Q', 'skipped-overlap': 'o', 'skipped-catch-up': 'c' } as const;
/** One letter a time: S started, Q queued, o skipped for another run, c not caught up; `!` where runs are cancelled for it. */
const shortOf = (decisions: readonly FireDecision[]): string =>
  decisions.map(({ decision, cancels }) => letters[decision] + (cancels ? '!' : '')).join('');

const running: OpenRun = { runId: 'a', status: 'running' };
const waiting: OpenRun = { runId: 'b', status: 'waiting' };
const all = '{all: {max: 3, window: 4h}}';

/** Down from 05:30 to 10:30: due at 6, 7, 8, 9 and 10 o'clock. Columns: no run open, one running, one running and one waiting. */
const afterAbsence: readonly (readonly [string, string, string, string, string])[] = [
  ['none', 'skip', 'ccccc', 'ccccc', 'ccccc'],
  ['none', 'queue1', 'ccccc', 'ccccc', 'ccccc'],
  ['none', 'allow', 'ccccc', 'ccccc', 'ccccc'],
  ['none', 'cancel', 'ccccc', 'ccccc', 'ccccc'],
  ['latest', 'skip', 'ccccS', 'cccco', 'cccco'],
  ['latest', 'queue1', 'ccccS', 'ccccQ', 'cccco'],
  ['latest', 'allow', 'ccccS', 'ccccS', 'ccccS'],
  ['latest', 'cancel', 'ccccS', 'ccccS!', 'ccccS!'],
  [all, 'skip', 'ccSoo', 'ccooo', 'ccooo'],
  [all, 'queue1', 'ccSQo', 'ccQoo', 'ccooo'],
  [all, 'allow', 'ccSSS', 'ccSSS', 'ccSSS'],
  [all, 'cancel', 'ccooS', 'ccooS!', 'ccooS!'],
];

test.each(afterAbsence)(
  'after an absence, catch_up %s with overlap %s: %s alone, %s beside a run, %s beside two',
  (catchUp, overlap, ...expected) => {
    const decide = (openRuns: readonly OpenRun[]) =>
      shortOf(decideFires({ schedule: hourly(catchUp, overlap), consideredUntil: at('05:30'), nowMs: at('10:30'), openRuns }));

    expect([decide([]), decide([running]), decide([running, waiting])]).toEqual(expected);
  },
);

/** The ordinary tick: looked at a second after the full hour. */
test.each(['none', 'latest', all])('on time every catch-up is the same: %s', (catchUp) => {
  const decide = (overlap: string, openRuns: readonly OpenRun[]) =>
    shortOf(decideFires({ schedule: hourly(catchUp, overlap), consideredUntil: at('09:59:59'), nowMs: at('10:00:01'), openRuns }));

  expect(['skip', 'queue1', 'allow', 'cancel'].map((overlap) => decide(overlap, []))).toEqual(['S', 'S', 'S', 'S']);
  expect(['skip', 'queue1', 'allow', 'cancel'].map((overlap) => decide(overlap, [running]))).toEqual(['o', 'Q', 'S', 'S!']);
});

test('a fire tells its time, and which runs it cancels', () => {
  const decisions = decideFires({
    schedule: hourly('latest', 'cancel'),
    consideredUntil: at('08:30'),
    nowMs: at('10:30'),
    openRuns: [running, waiting],
  });

  expect(decisions).toEqual([
    { scheduledFor: at('09:00'), decision: 'skipped-catch-up' },
    { scheduledFor: at('10:00'), decision: 'started', cancels: ['a', 'b'] },
  ]);
});

test('a minute late is on time, more is missed', () => {
  const decide = (now: string) =>
    shortOf(decideFires({ schedule: hourly('none', 'skip'), consideredUntil: at('09:30'), nowMs: at(now), openRuns: [] }));

  expect([decide('10:01:00'), decide('10:01:01')]).toEqual(['S', 'c']);
});

test('a time at which nothing was due decides nothing; the last moment considered is not due again', () => {
  const schedule = hourly('latest', 'skip');

  expect(decideFires({ schedule, consideredUntil: at('10:00'), nowMs: at('10:59'), openRuns: [] })).toEqual([]);
  expect(decideFires({ schedule, consideredUntil: at('10:59'), nowMs: at('10:00'), openRuns: [] })).toEqual([]);
});

test('a clock that is set back by hours fires nothing a second time, and one that is set forward is an absence', () => {
  const schedule = hourly(all, 'allow');
  const told = (consideredUntil: number, nowMs: number): number[] =>
    decideFires({ schedule, consideredUntil, nowMs, openRuns: [] }).map(({ scheduledFor }) => scheduledFor);

  expect(told(at('10:00:01'), at('07:30:00'))).toEqual([]);
  expect(told(at('10:00:01'), at('10:00:00'))).toEqual([]);
  // What the scheduler wrote when the clock was back, it goes on from: the UNIQUE time of a fire keeps it from firing again.
  expect(told(at('07:30:00'), at('10:30:00'))).toEqual([at('08:00:00'), at('09:00:00'), at('10:00:00')]);
  expect(told(at('10:30:00'), at('13:30:00'))).toEqual([at('11:00:00'), at('12:00:00'), at('13:00:00')]);
});

test('a window shorter than the absence ends what is caught up, not what is on time', () => {
  const minutely = scheduleOf('{type: interval, every: 1min, catch_up: {all: {max: 100, window: 3min}}, overlap: allow}');
  const brief = scheduleOf('{type: interval, every: 1min, catch_up: {all: {max: 100, window: 1s}}, overlap: allow}');
  const decide = (schedule: TimedSchedule) =>
    shortOf(decideFires({ schedule, consideredUntil: at('10:00'), nowMs: at('10:06:30'), openRuns: [] }));

  expect(decide(minutely)).toBe('cccSSS');
  expect(decide(brief)).toBe('cccccS');
});

test('of a year of absence the latest times are told, in little time', () => {
  const minutely = scheduleOf('{type: cron, expression: "* * * * *", timezone: Europe/Berlin, overlap: skip}');
  const decisions = decideFires({ schedule: minutely, consideredUntil: at('10:00') - 365 * 86_400_000, nowMs: at('10:00'), openRuns: [] });

  expect(decisions).toHaveLength(maxSkippedTold + 1);
  expect(decisions[0]?.scheduledFor).toBe(at('08:20'));
  expect(decisions.at(-1)).toEqual({ scheduledFor: at('10:00'), decision: 'started' });
});

test('a continuous workflow has one run: it is started when there is none', () => {
  const schedule = scheduleOf('{type: continuous, interval: 30s}');
  const question = { schedule, consideredUntil: at('08:00'), nowMs: at('10:00:10') };

  expect(decideFires({ ...question, openRuns: [running] })).toEqual([]);
  expect(decideFires({ ...question, openRuns: [] })).toEqual([{ scheduledFor: at('10:00'), decision: 'started' }]);
});

test('a schedule is looked at next when it is due next', () => {
  expect(nextWakeAt(hourly('none', 'skip'), at('10:00'))).toBe(at('11:00'));
});
