import { expect, test } from '@jest/globals';
import { parseCron } from './cron-expression.ts';

test('numbers, lists, ranges, steps and names are read', () => {
  expect(parseCron(' 5/20 8-10,22  */10 jan-MAR,12 mon,7 ')).toEqual({
    ok: true,
    fields: {
      minutes: [5, 25, 45],
      hours: [8, 9, 10, 22],
      daysOfMonth: [1, 11, 21, 31],
      months: [1, 2, 3, 12],
      daysOfWeek: [0, 1],
      eitherDay: false,
      everyHour: false,
    },
  });
});

test('two restricted day fields are alternatives; a star in front makes a field open', () => {
  const eitherDayOf = (expression: string) => {
    const parsed = parseCron(expression);
    return parsed.ok && parsed.fields.eitherDay;
  };

  expect(['0 0 13 * FRI', '0 0 */2 * FRI', '0 0 13 * *', '0 0 * * FRI'].map(eitherDayOf)).toEqual([true, false, false, false]);
});

test.each([
  ['every day', 'expected five cron fields'],
  ['* * * *', 'expected five cron fields'],
  ['* * * * * *', 'expected five cron fields'],
  ['60 * * * *', 'minute 60 is not within 0–59'],
  ['* 24 * * *', 'hour 24 is not within 0–23'],
  ['* * 0 * *', 'day of month 0 is not within 1–31'],
  ['* * * 13 *', 'month 13 is not within 1–12'],
  ['* * * FOO *', 'month FOO is not within 1–12'],
  ['* * * * 8', 'day of week 8 is not within 0–7'],
  ['*/0 * * * *', 'minute */0 has no step of 1 or more'],
  ['*/5/2 * * * *', 'minute */5/2 has no step of 1 or more'],
  ['*/ * * * *', 'minute */ has no step of 1 or more'],
  ['30-10 * * * *', 'minute 30-10 runs backwards'],
  ['1,,2 * * * *', 'minute without a number is not within 0–59'],
  ['-5 * * * *', 'minute without a number is not within 0–59'],
  ['1e1 * * * *', 'minute 1e1 is not within 0–59'],
  ['0 0 30 2 *', 'no month of the expression has a day 30: it would never fire'],
  ['0 0 31 4,6,9,11 *', 'no month of the expression has a day 31: it would never fire'],
])('%s is refused', (expression, message) => {
  const parsed = parseCron(expression);

  expect(parsed.ok ? '' : parsed.message).toContain(message);
});

test('a day that some month has may be asked for', () => {
  expect([parseCron('0 0 29 2 *').ok, parseCron('0 0 31 4,5 *').ok, parseCron('0 0 30 2 MON').ok]).toEqual([true, true, true]);
});
