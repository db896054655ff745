import { expect, test } from '@jest/globals';
import { planSettingProblems, planSettings, readPlanSettings } from './plan-settings.ts';

test('what a plan does not say is the first value, and what means nothing is, too', () => {
  expect(readPlanSettings({})).toEqual(Object.fromEntries(Object.entries(planSettings).map(([name, { values }]) => [name, values[0]])));
  expect(readPlanSettings({ mue: 'cut', rounding: 'up' })).toMatchObject({ mue: 'cut', rounding: 'half-up' });
});

test('a loader is told of every setting that means nothing', () => {
  expect(planSettingProblems({ mue: 'cut', 'cob.method': 'carve-out', 'group.45': 'PR', 'review.second-person-cents': '100000' })).toEqual(
    [],
  );
  expect(planSettingProblems({ mue: 'all', 'group.45': 'XX', 'review.second-person-cents': '-1', colour: 'red' })).toEqual([
    'mue=all',
    'group.45=XX',
    'review.second-person-cents=-1',
    'colour=red',
  ]);
});
