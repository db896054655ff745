import { expect, test } from '@jest/globals';
import { scoreNews2, type News2Input } from './news2.ts';

const nothing: News2Input = {
  respiratoryRate: null,
  oxygenSaturation: null,
  supplementalOxygen: null,
  systolic: null,
  pulse: null,
  consciousness: null,
  temperatureC: null,
};
const well: News2Input = {
  respiratoryRate: 16,
  oxygenSaturation: 97,
  supplementalOxygen: false,
  systolic: 120,
  pulse: 75,
  consciousness: 'A',
  temperatureC: 37,
};

test.each([
  [{}, 0],
  [{ respiratoryRate: 22, oxygenSaturation: 94, systolic: 105, pulse: 112, temperatureC: 38.5 }, 7],
  [
    {
      respiratoryRate: 28,
      oxygenSaturation: 89,
      supplementalOxygen: true,
      systolic: 85,
      pulse: 135,
      consciousness: 'V',
      temperatureC: 39.5,
    },
    19,
  ],
  [
    { respiratoryRate: 7, oxygenSaturation: 80, supplementalOxygen: true, systolic: 230, pulse: 30, consciousness: 'U', temperatureC: 34 },
    20,
  ],
])('the published vectors: %j scores %d', (vitals, expected) => {
  expect(scoreNews2({ ...well, ...vitals })).toMatchObject({ kind: 'full', score: expected, missing: [] });
});

test.each<[keyof News2Input, readonly (readonly [value: number, points: number])[]]>([
  ['respiratoryRate', [[8, 3], [9, 1], [11, 1], [12, 0], [20, 0], [21, 2], [24, 2], [25, 3], [8.4, 3], [8.5, 1]]], // prettier-ignore
  ['oxygenSaturation', [[91, 3], [92, 2], [93, 2], [94, 1], [95, 1], [96, 0], [100, 0], [95.5, 0]]], // prettier-ignore
  ['systolic', [[90, 3], [91, 2], [100, 2], [101, 1], [110, 1], [111, 0], [219, 0], [220, 3]]], // prettier-ignore
  ['pulse', [[40, 3], [41, 1], [50, 1], [51, 0], [90, 0], [91, 1], [110, 1], [111, 2], [130, 2], [131, 3]]], // prettier-ignore
  ['temperatureC', [[35, 3], [35.1, 1], [36, 1], [36.1, 0], [38, 0], [38.1, 1], [39, 1], [39.1, 2], [35.04, 3], [35.05, 1]]], // prettier-ignore
])('the bands of %s', (parameter, bands) => {
  for (const [value, points] of bands) {
    expect({ value, points: scoreNews2({ ...nothing, [parameter]: value }).score }).toEqual({ value, points });
  }
});

test.each([
  ['A', 0],
  ['C', 3],
  ['V', 3],
  ['P', 3],
  ['U', 3],
])('consciousness %s scores %d', (consciousness, points) => {
  expect(scoreNews2({ ...nothing, consciousness }).score).toBe(points);
});

test.each([
  [83, false, 3],
  [84, false, 2],
  [86, false, 1],
  [88, false, 0],
  [99, false, 0],
  [92, true, 2],
  [93, true, 3],
  [95, true, 4],
  [97, true, 5],
])('scale 2: %d %% with oxygen %s scores %d', (oxygenSaturation, supplementalOxygen, points) => {
  expect(scoreNews2({ ...nothing, oxygenSaturation, supplementalOxygen }, 2).score).toBe(points);
});

test('a score that lacks parameters says which, and is partial', () => {
  expect(scoreNews2({ ...nothing, respiratoryRate: 30, pulse: 120 })).toEqual({
    kind: 'partial',
    score: 5,
    singleThree: true,
    missing: ['oxygen_saturation', 'supplemental_oxygen', 'systolic', 'consciousness', 'temperature_c'],
  });
});

test('one parameter at 3 is told apart from three at 1', () => {
  expect(scoreNews2({ ...well, consciousness: 'P' })).toMatchObject({ score: 3, singleThree: true });
  expect(scoreNews2({ ...well, respiratoryRate: 10, systolic: 105, pulse: 100 })).toMatchObject({ score: 3, singleThree: false });
});
