import { expect, test } from '@jest/globals';
import { createSilenceTrust, type ReadingHealth } from './trust-silence.ts';

const reading = (given: Partial<ReadingHealth> = {}): ReadingHealth => ({
  state: 'running',
  assigned: [0, 1],
  openTasks: 2,
  lagSeconds: 0.2,
  ...given,
});

test('silence counts once reports were read as they come for the whole grace, also while they keep coming', () => {
  const mayLose = createSilenceTrust(5000);
  expect([0, 2000, 4999, 5000, 60_000].map((nowMs) => mayLose(reading({ lagSeconds: 1 }), nowMs))).toEqual([
    false,
    false,
    false,
    true,
    true,
  ]);
});

test.each([
  ['reports are older than the grace', reading({ lagSeconds: 5 })],
  ['a partition is not open yet', reading({ openTasks: 1 })],
  ['it reads nothing', reading({ assigned: [], openTasks: 0 })],
  ['it waits for the database', reading({ state: 'waiting' })],
  ['it has not begun', undefined],
])('while %s silence says nothing, and the grace begins anew', (_what, health) => {
  const mayLose = createSilenceTrust(5000);
  expect([mayLose(reading(), 0), mayLose(health, 6000), mayLose(reading(), 7000), mayLose(reading(), 12_000)]).toEqual([
    false,
    false,
    false,
    true,
  ]);
});
