import { expect, test } from '@jest/globals';
import type { ReadingAccepted } from '@vigil/contracts';
import * as fc from 'fast-check';
import { aReading, tenOClock } from '../test-support/a-reading.ts';
import { parameters, settingsOf } from '../test-support/test-rules.ts';
import { TestStage } from '../test-support/test-stage.ts';
import { createClinicalRules } from './clinical-rules.ts';
import { createTopology } from './topology.ts';

/** Without a delay every deviation becomes an alert: whatever a baseline gets wrong is seen. */
const topology = createTopology(createClinicalRules({ ...parameters, warningDelayMs: 0 }, settingsOf()));

/** A quiet level with jumps, readings ten to thirty seconds apart, some of them out of order. */
const traces: fc.Arbitrary<ReadingAccepted[]> = fc
  .array(
    fc.record({
      gapMs: fc.integer({ min: 10_000, max: 30_000 }),
      behindMs: fc.oneof({ weight: 4, arbitrary: fc.constant(0) }, { weight: 1, arbitrary: fc.integer({ min: 0, max: 90_000 }) }),
      heartRate: fc.oneof(
        { weight: 5, arbitrary: fc.integer({ min: 68, max: 72 }) },
        { weight: 1, arbitrary: fc.integer({ min: 84, max: 100 }) },
      ),
    }),
    { minLength: 20, maxLength: 60 },
  )
  .map((steps) => {
    let now = tenOClock;
    return steps.map(({ gapMs, behindMs, heartRate }) => aReading({ at: (now += gapMs) - behindMs, heartRate }));
  });

type Step = 'go on' | 'take back' | 'restart';

test('deviations are the same over restarts, failed batches and readings out of order', () => {
  let alerts = 0;
  fc.assert(
    fc.property(
      traces,
      fc.array(fc.constantFrom<Step>('go on', 'go on', 'take back', 'restart'), { minLength: 60, maxLength: 60 }),
      (readings, plan) => {
        const straight = new TestStage(topology, tenOClock);
        const broken = new TestStage(topology, tenOClock);
        for (const [index, reading] of readings.entries()) {
          straight.pipe(reading).restart();
          if (plan[index] === 'take back') broken.handle(aReading({ at: reading.observedAt - 45_000, heartRate: 200 }), reading).rollback();
          broken.pipe(reading);
          if (plan[index] === 'restart') broken.restart();
        }
        alerts += straight.alerts().length;

        expect(broken.alerts()).toEqual(straight.alerts());
      },
    ),
    { numRuns: 25 },
  );
  expect(alerts).toBeGreaterThan(0);
});

test('readings that come out of order count in the baseline of the very next sample', () => {
  const stage = new TestStage(topology, tenOClock);
  const at = (second: number, heartRate: number): ReadingAccepted => aReading({ at: tenOClock + second * 1000, heartRate });

  stage.pipe(...Array.from({ length: 20 }, (_, index) => at(index, 70)), at(60, 70));
  stage.pipe(...Array.from({ length: 10 }, (_, index) => at(30 + index, 95)));
  stage.pipe(at(61, 92));

  expect(stage.alerts()).toEqual([]);
  expect(
    new TestStage(topology, tenOClock).pipe(...Array.from({ length: 20 }, (_, index) => at(index, 70)), at(60, 70), at(61, 92)).alerts(),
  ).toHaveLength(1);
});
