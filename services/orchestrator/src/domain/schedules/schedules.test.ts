import { expect, test } from '@jest/globals';
import { parseDefinition, scheduleSchema, schedulesSchema } from '@vigil/definitions';
import { backfillTimes } from './backfill-times.ts';
import { declaredParameters, givenParameters } from './given-parameters.ts';
import { groupSchedules, ownSchedules } from './schedule.ts';

const schedule = (text: string) => parseDefinition(text, 't.yaml', scheduleSchema);
const hourly = schedule('{type: cron, expression: "0 * * * *"}');
const at = (text: string): number => Date.parse(text);

test('schedules of a definition are named by their type, by name, and numbered where that is not enough', () => {
  const ids = ownSchedules('w', [hourly, hourly, schedule('{type: interval, every: 1h, name: often}'), schedule('{type: manual}')]).map(
    ({ scheduleId }) => scheduleId,
  );
  expect(ids).toEqual(['w/cron', 'w/cron-2', 'w/often']);
});

test('schedules of a file keep what they say of parameters and of being enabled', () => {
  const file = parseDefinition(
    'schedules: [{name: a, workflow: w, enabled: false, parameters: {k: 1}, schedule: {type: interval, every: 1h}}, {name: b, workflow: w, schedule: {type: manual}}]',
    't.yaml',
    schedulesSchema,
  );
  expect(groupSchedules(file)).toMatchObject([{ scheduleId: 'w/a', workflow: 'w', enabled: false, parameters: { k: 1 } }]);
});

test('a backfill has a partition for each time in its range: its begin included, its end not, none twice', () => {
  const often = schedule('{type: interval, every: 30min}');
  const hours = backfillTimes([hourly, often], at('2024-03-15T00:00Z'), at('2024-03-15T01:00Z'));
  expect(hours).toEqual({ ok: true, timesMs: [at('2024-03-15T00:00Z'), at('2024-03-15T00:30Z')] });
  expect(backfillTimes([hourly], at('2024-03-15T00:01Z'), at('2024-03-15T00:59Z'))).toEqual({ ok: false, why: 'no-times' });
  expect(backfillTimes([hourly], at('2014-03-15T00:00Z'), at('2024-03-15T00:00Z'))).toEqual({ ok: false, why: 'too-many' });
  expect(backfillTimes([schedule('{type: continuous, interval: 30s}'), schedule('{type: manual}')], 0, 1e9)).toEqual({
    ok: false,
    why: 'no-such-schedule',
  });
});

const withParameters = (text: string): string => `name: w\nparameters: ${text}\ntasks: [{name: a, type: wait, duration: 1s}]`;

test('a run gets what it was given and the defaults of the rest; what is unknown, missing or of another type is told', () => {
  const declared = declaredParameters(withParameters('{k: {type: number, default: 11}, full: {type: boolean}}'));
  expect(givenParameters(declared, { full: true })).toEqual({ ok: true, parameters: { k: 11, full: true } });
  const bad = givenParameters(declared, { k: 'eleven', more: 1 });
  expect(bad.ok ? [] : bad.problems.map(({ field }) => field)).toEqual([
    'body.parameters.more',
    'body.parameters.k',
    'body.parameters.full',
  ]);
});

test('a definition that declares none, or can no longer be read, takes any', () => {
  expect(givenParameters(declaredParameters(withParameters('{}')), { x: 1 })).toEqual({ ok: true, parameters: { x: 1 } });
  expect(declaredParameters('not: [a definition')).toEqual({});
});
