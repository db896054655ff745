import { expect, test } from '@jest/globals';
import type { ReadingAccepted } from '@vigil/contracts';
import { aReading, tenOClock } from '../test-support/a-reading.ts';
import { rulesWith } from '../test-support/test-rules.ts';
import { TestStage } from '../test-support/test-stage.ts';
import { baselineOf } from './domain/alarms/assess-deviation.ts';
import { Patient } from './domain/patient/patient.ts';
import { heartRate, oxygenSaturation } from './domain/vitals.ts';
import { createTopology } from './topology.ts';

const stageWith = () => new TestStage(createTopology(rulesWith()), tenOClock);

/** Noise without randomness: a few beats up and down, never the same twice in a row. */
const noise = (index: number): number => ((index * 7919) % 11) - 5;
const heartRates = (values: readonly number[], stepMs: number, from = tenOClock): ReadingAccepted[] =>
  values.map((heartRate, index) => aReading({ at: from + index * stepMs, heartRate }));
const steady = (count: number, level: number): number[] => Array.from({ length: count }, (_, index) => level + noise(index));

test.each([
  ['once a second', 1_000, 600, 400],
  ['once a minute', 60_000, 15, 8],
])('%s: a step away from the patient’s own baseline is a warning when it lasts five minutes', (_rate, stepMs, before, after) => {
  const ward = stageWith().pipe(...heartRates([...steady(before, 70), ...steady(after, 110)], stepMs));

  expect(ward.alerts()).toMatchObject([{ change: 'raised', rule: 'deviation', vital: 'heart_rate', severity: 'warning', threshold: 2.5 }]);
  expect(ward.alerts()[0]?.raisedAt).toBe(tenOClock + before * stepMs + 300_000);
  expect(ward.alerts()[0]?.value).toBeGreaterThan(2.5);
});

test.each([
  ['once a second', 1_000, 3_600],
  ['once a minute', 60_000, 600],
])('%s: flat noise raises nothing, a constant nothing either', (_rate, stepMs, count) => {
  expect(
    stageWith()
      .pipe(...heartRates(steady(count, 70), stepMs))
      .alerts(),
  ).toEqual([]);
  expect(
    stageWith()
      .pipe(
        ...heartRates(
          Array.from({ length: count }, (_, index) => 70 + (index % 60 === 59 ? 12 : 0)),
          stepMs,
        ),
      )
      .alerts(),
  ).toEqual([]);
});

test('a deviation that goes back within five minutes is withdrawn', () => {
  const ward = stageWith().pipe(...heartRates([...steady(300, 70), ...steady(280, 110), ...steady(300, 70)], 1_000));

  expect(ward.alerts()).toEqual([]);
});

test('a raised deviation clears when the patient is back', () => {
  const ward = stageWith().pipe(...heartRates([...steady(300, 70), ...steady(330, 110), ...steady(5, 70)], 1_000));

  expect(ward.alertTexts()).toEqual(['raised deviation heart_rate warning', 'cleared deviation heart_rate warning']);
});

test('after half an hour away from the old baseline the new level is the normal one', () => {
  const ward = stageWith().pipe(...heartRates([...steady(30, 70), ...steady(90, 110)], 60_000));

  expect(ward.alertTexts()).toEqual(['raised deviation heart_rate warning', 'cleared deviation heart_rate warning']);
  ward.pipe(...heartRates(steady(8, 150), 60_000, tenOClock + 120 * 60_000));
  expect(
    ward
      .alertTexts()
      .filter((text) => text.includes('deviation'))
      .slice(2),
  ).toEqual(['raised deviation heart_rate warning']);
});

test('while a limit is broken the limit speaks, not the deviation', () => {
  const ward = stageWith().pipe(...heartRates([...steady(300, 70), ...steady(400, 215)], 1_000));

  expect(new Set(ward.alerts().map(({ rule }) => rule))).toEqual(new Set(['limit-high', 'news2']));
});

test('with fewer than nine readings within half an hour there is no baseline, and no deviation', () => {
  const ward = stageWith().pipe(...heartRates([...steady(4, 70), ...steady(5, 110)], 60_000));
  const rare = stageWith().pipe(...heartRates([...steady(20, 70), ...steady(8, 110)], 240_000));

  expect(ward.alerts()).toEqual([]);
  expect(rare.alerts()).toEqual([]);
});

test('the baseline holds neither the sample nor readings of an episode, and counts what is exact', () => {
  const { deviation } = rulesWith();
  const patient = new Patient('t');
  const add = (paneStart: number, values: readonly number[], clean: boolean): void => {
    const pane = patient.editPane(paneStart);
    for (const value of values) pane.add(heartRate, value, { observedAt: paneStart, receivedAt: 0, eventId: '' }, clean);
    patient.baselines.invalidate();
  };
  add(0, [60, 62, 64], true);
  add(30_000, [200, 210], false);
  add(60_000, [66], true);
  add(60_000, [300], false);
  add(60_000, [68], true);

  const baseline = baselineOf(patient, deviation, { vital: heartRate, value: 70, paneStart: 60_000, pane: patient.paneAt(60_000) });
  expect(baseline).toMatchObject({ n: 5, mean: 64 });
  expect(Math.sqrt(baseline.m2 / 4)).toBeCloseTo(Math.sqrt(10), 12);
  expect(baselineOf(patient, deviation, { vital: oxygenSaturation, value: 95, paneStart: 60_000, pane: patient.paneAt(60_000) }).n).toBe(0);
  // What is kept between samples is what would be built anew.
  expect(baselineOf(patient, deviation, { vital: heartRate, value: 70, paneStart: 60_000, pane: patient.paneAt(60_000) })).toEqual(
    baseline,
  );
});

test('no spread at all counts as the least spread assumed', () => {
  const saturations = (values: readonly number[]) =>
    values.map((oxygenSaturation, index) => aReading({ at: tenOClock + index * 60_000, oxygenSaturation }));
  const ward = stageWith().pipe(...saturations([...Array.from({ length: 15 }, () => 98), ...Array.from({ length: 7 }, () => 94)]));

  expect(ward.alerts().filter(({ rule }) => rule === 'deviation')).toMatchObject([{ vital: 'oxygen_saturation', value: 4 }]);
});

test('between raising and clearing a raised deviation stays and a pending one is withdrawn', () => {
  const raised = stageWith().pipe(...heartRates([...steady(300, 70), ...steady(320, 110), ...Array.from({ length: 10 }, () => 88)], 1_000));
  const pending = stageWith().pipe(...heartRates([...steady(300, 70), ...steady(200, 110), 88, 88, ...steady(200, 110)], 1_000));

  expect(raised.alertTexts()).toEqual(['raised deviation heart_rate warning']);
  expect(pending.alerts()).toEqual([]);
});
