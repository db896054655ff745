import { expect, test } from '@jest/globals';
import type { ReadingAccepted, WindowClosed } from '@vigil/contracts';
import * as fc from 'fast-check';
import { aReading, tenOClock } from '../test-support/a-reading.ts';
import { differencesOf, lastRevisions, recomputeWindows, type RecomputedWindow } from '../test-support/recompute-windows.ts';
import { rulesWith } from '../test-support/test-rules.ts';
import { TestStage } from '../test-support/test-stage.ts';
import { createTopology } from './topology.ts';

const dayMs = 86_400_000;
const boundMs = 10_000;

const vital = (low: number, high: number) =>
  fc.option(fc.oneof(fc.integer({ min: low, max: high }), fc.double({ min: low, max: high, noNaN: true })));

const readingWith = (secondsFrom: fc.Arbitrary<number>): fc.Arbitrary<ReadingAccepted> =>
  fc
    .record({
      at: secondsFrom.map((second) => tenOClock + second * 500),
      patientToken: fc.constantFrom('t.a', 't.b'),
      heartRate: vital(20, 300),
      oxygenSaturation: vital(50, 100),
      temperatureC: vital(25, 45),
    })
    .map((parts) => aReading(parts));

/** Half-seconds over 25 minutes, so that equal times, window edges and several closes come up. */
const anyTime = fc.integer({ min: 0, max: 3_000 });

/** Readings in an order that the bound allows: none arrives more than the bound behind the newest of its patient. */
const withinBound = fc.array(fc.tuple(readingWith(anyTime), fc.integer({ min: 0, max: boundMs })), { maxLength: 60 }).map((delayed) =>
  delayed
    .map(([reading, delayMs]) => ({ reading, arrival: reading.observedAt + delayMs }))
    .sort((a, b) => a.arrival - b.arrival)
    .map(({ reading }) => reading),
);

type Step = 'commit' | 'restart' | 'take back' | 'go on';
/** What happens behind each reading; a batch that is taken back is handled once more. */
const steps = fc.array(fc.constantFrom<Step>('commit', 'commit', 'restart', 'take back', 'go on', 'go on', 'go on'), {
  minLength: 60,
  maxLength: 60,
});

const shapes = fc.constantFrom<Record<string, string>>(
  {},
  { VIGIL_WINDOW_SIZE_MS: '60000' },
  { VIGIL_WINDOW_SIZE_MS: '120000', VIGIL_WINDOW_ADVANCE_MS: '40000' },
  { VIGIL_ALERT_RULES: 'false' },
  { VIGIL_ALERT_RULES: 'false', VIGIL_WINDOW_SIZE_MS: '120000', VIGIL_WINDOW_ADVANCE_MS: '40000' },
);

function play(stage: TestStage, readings: readonly ReadingAccepted[], plan: readonly Step[]): TestStage {
  let open: ReadingAccepted[] = [];
  for (const [index, reading] of readings.entries()) {
    stage.handle(reading);
    open.push(reading);
    const step = plan[index] ?? 'go on';
    if (step === 'take back') stage.rollback().handle(...open);
    if (step === 'go on') continue;
    stage.commit();
    open = [];
    if (step === 'restart') stage.restart();
  }
  return stage.commit();
}

const stageOf = (env: Record<string, string>): TestStage => new TestStage(createTopology(rulesWith(env)), tenOClock);
/** The end of input: everybody is silent until all is told. */
const flush = (stage: TestStage): TestStage => stage.idle(2 * 3_600_000, { stepMs: 60_000 });

test('windows equal a batch recomputation, whatever the order within the bound, the batches, restarts and failures', () => {
  fc.assert(
    fc.property(withinBound, steps, shapes, (readings, plan, env) => {
      const stage = flush(play(stageOf(env), readings, plan));
      const { windows } = rulesWith(env);

      expect(stage.late()).toEqual([]);
      expect(differencesOf(lastRevisions(stage.windows()), recomputeWindows(readings, windows))).toEqual([]);
    }),
    { numRuns: 150 },
  );
});

test('in any order, windows hold what was not too late; what was late is on the late topic; revisions count up by one', () => {
  fc.assert(
    fc.property(fc.array(readingWith(anyTime), { maxLength: 60 }), steps, shapes, (readings, plan, env) => {
      const stage = flush(play(stageOf(env), readings, plan));
      const lateOnes = stage.outcomes.filter((outcome) => outcome.disposition === 'late');
      const isTooLate = (index: number): boolean => {
        const outcome = stage.outcomes[index];
        return outcome?.disposition === 'late' && !outcome.corrected;
      };
      const counted = readings.filter((_reading, index) => !isTooLate(index));

      expect(stage.late()).toHaveLength(lateOnes.length);
      const expected = recomputeWindows(counted, rulesWith(env).windows);
      const told = lastRevisions(stage.windows());
      // Hopping windows: a reading may be too late for the older of its windows and in time for the newer.
      if (env.VIGIL_WINDOW_ADVANCE_MS === undefined) expect(differencesOf(told, expected)).toEqual([]);
      for (const window of told.values()) {
        const revisions = stage.windows().filter(({ windowId, vital }) => windowId === window.windowId && vital === window.vital);
        expect(revisions.map(({ revision }) => revision)).toEqual(revisions.map((_each, index) => index));
      }
    }),
    { numRuns: 150 },
  );
});

test('restarts and failed batches change nothing: the very same records in the same order', () => {
  fc.assert(
    fc.property(fc.array(readingWith(anyTime), { maxLength: 60 }), steps, shapes, (readings, plan, env) => {
      const broken = play(stageOf(env), readings, plan);
      const straight = play(stageOf(env), readings, []);

      expect(broken.emissions).toEqual(straight.emissions);
      expect([...broken.rows('ward')].sort()).toEqual([...straight.rows('ward')].sort());
    }),
    { numRuns: 150 },
  );
});

test('a restart with panes of another width, or with windows alone, loses and moves no reading', () => {
  const envs: readonly Record<string, string>[] = [
    { VIGIL_ALERT_RULES: 'false' },
    {},
    { VIGIL_WINDOW_PANE_MS: '10000' },
    { VIGIL_WINDOW_PANE_MS: '150000' },
  ];
  const width = fc.option(fc.nat(envs.length - 1), { freq: 2 });
  fc.assert(
    fc.property(withinBound, fc.array(width, { minLength: 60, maxLength: 60 }), (readings, widths) => {
      const stage = stageOf({});
      for (const [index, reading] of readings.entries()) {
        stage.pipe(reading);
        const env = envs[widths[index] ?? -1];
        if (env) stage.restart(createTopology(rulesWith(env)));
      }

      expect(differencesOf(lastRevisions(flush(stage).windows()), recomputeWindows(readings, rulesWith({}).windows))).toEqual([]);
    }),
    { numRuns: 300 },
  );
});

test('a monitor whose clock is wrong by anything up to a day changes nobody else’s windows or alerts', () => {
  fc.assert(
    fc.property(fc.array(readingWith(anyTime), { maxLength: 40 }), fc.integer({ min: -dayMs, max: dayMs }), (readings, skewMs) => {
      const skewed = readings.map((reading) =>
        reading.patientToken === 't.a' ? reading : { ...reading, observedAt: reading.observedAt + skewMs },
      );
      const ofA = (stage: TestStage) => stage.emissions.filter(({ key }) => key === 't.a');
      const alone = play(
        stageOf({}),
        readings.filter(({ patientToken }) => patientToken === 't.a'),
        [],
      );
      const together = play(stageOf({}), skewed, []);

      expect(ofA(together)).toEqual(ofA(alone));
    }),
    { numRuns: 100 },
  );
});

const identityOf = ({ mean: _mean, stddev: _stddev, ...window }: WindowClosed) => window;

test('without alert rules the windows and the late readings are the same, and nobody is paged', () => {
  fc.assert(
    fc.property(fc.array(readingWith(anyTime), { maxLength: 60 }), steps, (readings, plan) => {
      const withRules = play(stageOf({}), readings, plan);
      const without = play(stageOf({ VIGIL_ALERT_RULES: 'false' }), readings, plan);

      // Wider panes merge in another order, which changes the last bits of mean and deviation.
      expect(without.windows().map(identityOf)).toEqual(withRules.windows().map(identityOf));
      expect(differencesOf(lastRevisions(without.windows()), lastRevisions(withRules.windows()) as Map<string, RecomputedWindow>)).toEqual(
        [],
      );
      expect(without.late()).toEqual(withRules.late());
      expect(without.dispositions).toEqual(withRules.dispositions);
      expect(without.idle(2 * 3_600_000, { stepMs: 60_000 }).alerts()).toEqual([]);
    }),
    { numRuns: 100 },
  );
});
