import { expect, test } from '@jest/globals';
import { runStatuses, runTriggers } from './api-values.fixture.ts';
import { durationText, instantText, shortId, tookText } from './time-text.ts';
import { everything, readView, searchOf, statusFilters, triggerFilters, type View } from './view.ts';

const runId = '0f8fad5b-d9cb-469f-a165-70867728950e';

test('a view stands in the address and is read back from it', () => {
  const view: View = { workflow: 'claims', status: 'open', trigger: 'cron', runId, tab: 'timeline', task: 'extract & load' };
  expect(searchOf(view)).toBe(`?workflow=claims&status=open&trigger=cron&run=${runId}&tab=timeline&task=extract+%26+load`);
  expect(readView(searchOf(view))).toEqual(view);
  expect(searchOf(everything)).toBe('?');
  expect(readView('')).toEqual(everything);
});

test('what an address says that is not understood counts as not said', () => {
  expect(readView('?workflow=Claims;DROP&status=odd&trigger=moon&run=7&tab=pie&task=')).toEqual(everything);
});

test('the filters are those that the API takes', () => {
  expect([...statusFilters].sort()).toEqual([...runStatuses].sort());
  expect([...triggerFilters].sort()).toEqual([...runTriggers].sort());
});

test.each([
  [-5, '0 ms'],
  [340, '340 ms'],
  [12_480, '12.4 s'],
  [59_999, '59.9 s'],
  [185_000, '3 m 05 s'],
  [7_800_000, '2 h 10 m'],
  [356_400_000, '4 d 3 h'],
])('%d ms are %s', (ms, text) => expect(durationText(ms)).toBe(text));

test('times are told in UTC, ids by their first eight, lengths up to their end or to now', () => {
  expect([instantText('2026-11-26T11:12:49.123Z'), instantText(null)]).toEqual(['2026-11-26 11:12:49', '–']);
  expect(shortId(runId)).toBe('0f8fad5b');
  const [from, until] = ['2026-11-26T11:00:00.000Z', '2026-11-26T11:00:02.500Z'];
  expect(tookText(from, until, 0)).toBe('2.5 s');
  expect(tookText(from, null, Date.parse('2026-11-26T11:01:00Z'))).toBe('1 m 00 s');
  expect(tookText(null, null, 0)).toBe('–');
});
