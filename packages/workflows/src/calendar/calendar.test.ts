import { expect, test } from '@jest/globals';
import { parseDefinition, scheduleSchema } from '@vigil/definitions';
import { firesBetween, lastFiresBetween, nextFire } from './calendar.ts';
import { isTimed, type TimedSchedule } from './timed-schedule.ts';

const at = (text: string): number => Date.parse(text);
const texts = (fires: readonly number[]): string[] => fires.map((fireMs) => new Date(fireMs).toISOString().slice(0, 16));

function scheduleOf(text: string): TimedSchedule {
  const schedule = parseDefinition(text, 'test.yaml', scheduleSchema);
  if (!isTimed(schedule)) throw new Error(text);
  return schedule;
}

const cron = (expression: string, timezone = 'UTC', dst = '{}'): TimedSchedule =>
  scheduleOf(`{type: cron, expression: "${expression}", timezone: ${timezone}, dst: ${dst}}`);

/** Fires of a time from `from` on, in UTC. */
const firesOf = (schedule: TimedSchedule, from: string, until: string): string[] => texts(firesBetween(schedule, at(from), at(until), 100));

/**
 * Worked out by hand from the zones' rules (IANA tz 2025b).
 * - New York, 8 March 2026: 02:00 EST (-5) becomes 03:00 EDT (-4) at 07:00Z; 1 November 2026: 02:00 EDT becomes 01:00 EST at 06:00Z.
 * - Berlin, 29 March 2026: 02:00 CET (+1) becomes 03:00 CEST (+2) at 01:00Z; 25 October 2026: 03:00 CEST becomes 02:00 CET at 01:00Z.
 * - Lord Howe, 4 October 2026: 02:00 (+10:30) becomes 02:30 (+11) at 3 October 15:30Z; 5 April 2026: 02:00 (+11) becomes 01:30 at 4 April 15:00Z.
 * - São Paulo, 4 November 2018: 00:00 (-3) becomes 01:00 (-2) at 03:00Z; 18 February 2018: 00:00 (-2) becomes 17 February 23:00 (-3) at 02:00Z.
 * - Apia: 29 December 2011 24:00 (-10) becomes 31 December 00:00 (+14) at 30 December 10:00Z: the 30th is left out.
 */
const table: readonly [string, string, string, string, string, string, string[]][] = [
  [
    'New York gap',
    '*/15 2 * * *',
    'America/New_York',
    '{gap: shift}',
    '2026-03-08T05:00Z',
    '2026-03-09T05:00Z',
    ['2026-03-08T07:00', '2026-03-08T07:15', '2026-03-08T07:30', '2026-03-08T07:45'],
  ],
  [
    'New York gap',
    '*/15 2 * * *',
    'America/New_York',
    '{gap: skip}',
    '2026-03-08T05:00Z',
    '2026-03-09T06:15Z',
    ['2026-03-09T06:00', '2026-03-09T06:15'],
  ],
  [
    'New York gap',
    '30 2 * * *',
    'America/New_York',
    '{}',
    '2026-03-07T05:00Z',
    '2026-03-10T05:00Z',
    ['2026-03-07T07:30', '2026-03-08T07:30', '2026-03-09T06:30'],
  ],
  [
    'New York gap beside its own times',
    '0 2,3 * * *',
    'America/New_York',
    '{}',
    '2026-03-08T05:00Z',
    '2026-03-09T05:00Z',
    ['2026-03-08T07:00'],
  ],
  [
    'New York overlap',
    '*/30 1 * * *',
    'America/New_York',
    '{overlap: first}',
    '2026-11-01T04:00Z',
    '2026-11-02T04:00Z',
    ['2026-11-01T05:00', '2026-11-01T05:30'],
  ],
  [
    'New York overlap',
    '*/30 1 * * *',
    'America/New_York',
    '{overlap: both}',
    '2026-11-01T04:00Z',
    '2026-11-02T04:00Z',
    ['2026-11-01T05:00', '2026-11-01T05:30', '2026-11-01T06:00', '2026-11-01T06:30'],
  ],
  [
    'a rhythm in the New York overlap',
    '30 * * * *',
    'America/New_York',
    '{overlap: first}',
    '2026-11-01T04:00Z',
    '2026-11-01T08:00Z',
    ['2026-11-01T04:30', '2026-11-01T05:30', '2026-11-01T06:30', '2026-11-01T07:30'],
  ],
  [
    'Berlin gap',
    '0 2 * * *',
    'Europe/Berlin',
    '{}',
    '2026-03-28T00:00Z',
    '2026-03-30T12:00Z',
    ['2026-03-28T01:00', '2026-03-29T01:00', '2026-03-30T00:00'],
  ],
  [
    'Berlin gap',
    '30 2 * * 0',
    'Europe/Berlin',
    '{gap: skip}',
    '2026-03-22T00:00Z',
    '2026-04-06T00:00Z',
    ['2026-03-22T01:30', '2026-04-05T00:30'],
  ],
  [
    'Berlin overlap',
    '30 2 * * *',
    'Europe/Berlin',
    '{}',
    '2026-10-24T00:00Z',
    '2026-10-26T12:00Z',
    ['2026-10-24T00:30', '2026-10-25T00:30', '2026-10-26T01:30'],
  ],
  [
    'Berlin overlap',
    '30 2 25 OCT *',
    'Europe/Berlin',
    '{overlap: both}',
    '2026-10-24T00:00Z',
    '2026-10-26T12:00Z',
    ['2026-10-25T00:30', '2026-10-25T01:30'],
  ],
  [
    'Lord Howe gap of half an hour',
    '*/15 2 * * *',
    'Australia/Lord_Howe',
    '{}',
    '2026-10-03T14:00Z',
    '2026-10-04T14:00Z',
    ['2026-10-03T15:30', '2026-10-03T15:45'],
  ],
  [
    'Lord Howe gap of half an hour',
    '*/15 2 * * *',
    'Australia/Lord_Howe',
    '{gap: skip}',
    '2026-10-03T14:00Z',
    '2026-10-04T14:00Z',
    ['2026-10-03T15:30', '2026-10-03T15:45'],
  ],
  [
    'Lord Howe gap of half an hour',
    '10 2 * * *',
    'Australia/Lord_Howe',
    '{}',
    '2026-10-03T14:00Z',
    '2026-10-04T15:30Z',
    ['2026-10-03T15:40', '2026-10-04T15:10'],
  ],
  [
    'Lord Howe overlap',
    '*/20 1 * * *',
    'Australia/Lord_Howe',
    '{overlap: both}',
    '2026-04-04T13:00Z',
    '2026-04-05T13:00Z',
    ['2026-04-04T14:00', '2026-04-04T14:20', '2026-04-04T14:40', '2026-04-04T15:10'],
  ],
  [
    'São Paulo gap at midnight',
    '0 0 * * *',
    'America/Sao_Paulo',
    '{}',
    '2018-11-03T00:00Z',
    '2018-11-05T12:00Z',
    ['2018-11-03T03:00', '2018-11-04T03:00', '2018-11-05T02:00'],
  ],
  [
    'São Paulo gap at midnight',
    '0 0 * * *',
    'America/Sao_Paulo',
    '{gap: skip}',
    '2018-11-03T00:00Z',
    '2018-11-05T12:00Z',
    ['2018-11-03T03:00', '2018-11-05T02:00'],
  ],
  [
    'São Paulo overlap before midnight',
    '30 23 17 2 *',
    'America/Sao_Paulo',
    '{overlap: both}',
    '2018-02-17T00:00Z',
    '2018-02-19T00:00Z',
    ['2018-02-18T01:30', '2018-02-18T02:30'],
  ],
  [
    'the day that Apia left out',
    '0 12 * * *',
    'Pacific/Apia',
    '{}',
    '2011-12-29T00:00Z',
    '2012-01-01T00:00Z',
    ['2011-12-29T22:00', '2011-12-30T22:00', '2011-12-31T22:00'],
  ],
  ['the day that Apia left out', '0 12 30 12 *', 'Pacific/Apia', '{}', '2011-12-29T00:00Z', '2012-01-01T00:00Z', ['2011-12-30T22:00']],
  [
    'the day that Apia left out',
    '0 12 30 12 *',
    'Pacific/Apia',
    '{gap: skip}',
    '2011-12-29T00:00Z',
    '2012-12-31T00:00Z',
    ['2012-12-29T22:00'],
  ],
];

test.each(table)('%s: %s in %s with %s', (_what, expression, zone, dst, from, until, expected) => {
  expect(firesOf(cron(expression, zone, dst), from, until)).toEqual(expected);
});

test.each([
  ['0 */4 * * *', '2026-11-26T10:00Z', ['2026-11-26T12:00', '2026-11-26T16:00']],
  ['0 0 29 2 *', '2026-11-26T10:00Z', ['2028-02-29T00:00', '2032-02-29T00:00']],
  ['0 0 13 * FRI', '2026-11-26T10:00Z', ['2026-11-27T00:00', '2026-12-04T00:00']],
  ['0 0 */2 * MON', '2026-11-26T10:00Z', ['2026-12-07T00:00', '2026-12-21T00:00']],
  ['5/20 8-9 1 1,7 *', '2026-11-26T10:00Z', ['2027-01-01T08:05', '2027-01-01T08:25']],
  ['0 0 * * 7', '2026-11-26T10:00Z', ['2026-11-29T00:00', '2026-12-06T00:00']],
])('%s', (expression, from, expected) => {
  expect(texts(firesBetween(cron(expression), at(from), Number.POSITIVE_INFINITY, 2))).toEqual(expected);
});

test('a fire is behind the time it is asked for, and the end of a span belongs to it', () => {
  const noon = cron('0 12 * * *');

  expect(nextFire(noon, at('2026-11-26T12:00Z'))).toBe(at('2026-11-27T12:00Z'));
  expect(nextFire(noon, at('2026-11-26T12:00Z') - 1)).toBe(at('2026-11-26T12:00Z'));
  expect(firesOf(noon, '2026-11-26T12:00Z', '2026-11-27T12:00Z')).toEqual(['2026-11-27T12:00']);
  expect(texts(lastFiresBetween(noon, at('2026-11-20T12:00Z'), at('2026-11-27T12:00Z'), 2))).toEqual([
    '2026-11-26T12:00',
    '2026-11-27T12:00',
  ]);
  expect(texts(lastFiresBetween(noon, at('2026-11-26T12:00Z'), at('2026-11-27T12:00Z'), 5))).toEqual(['2026-11-27T12:00']);
  expect(lastFiresBetween(noon, at('2026-11-20T12:00Z'), at('2026-11-27T12:00Z'), 0)).toEqual([]);
  expect(firesBetween(noon, at('2026-11-20T12:00Z'), at('2026-11-27T12:00Z'), 0)).toEqual([]);
});

test('an interval and a continuous schedule fire at multiples since the epoch, whoever asks and when', () => {
  const hourly = scheduleOf('{type: interval, every: 6h}');
  const steady = scheduleOf('{type: continuous, interval: 30s}');

  expect(firesOf(hourly, '2026-11-26T10:17Z', '2026-11-27T00:00Z')).toEqual(['2026-11-26T12:00', '2026-11-26T18:00', '2026-11-27T00:00']);
  expect(texts(lastFiresBetween(hourly, at('2026-11-26T12:00Z'), at('2026-11-27T01:00Z'), 9))).toEqual([
    '2026-11-26T18:00',
    '2026-11-27T00:00',
  ]);
  expect(nextFire(steady, at('2026-11-26T10:17:00Z'))).toBe(at('2026-11-26T10:17:30Z'));
});

test('an expression that no definition can hold is an error', () => {
  const never = { ...cron('0 0 30 * *'), expression: '0 0 30 2 *' } as TimedSchedule;

  expect(() => nextFire(never, 0)).toThrow(/would never fire/u);
});
