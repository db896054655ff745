import { expect, test } from '@jest/globals';
import type { ReadingAccepted } from '@vigil/contracts';
import type { Topology } from '@vigil/kafka';
import * as fc from 'fast-check';
import { aReading, healthy, tenOClock } from '../test-support/a-reading.ts';
import { rulesWith } from '../test-support/test-rules.ts';
import { TestStage } from '../test-support/test-stage.ts';
import { createTopology } from './topology.ts';

const stageTopology = (): Topology => createTopology(rulesWith({ VIGIL_ALERT_RULES: 'false' }));

const withoutShortWay = (topology: Topology): Topology => ({
  ...topology,
  sources: topology.sources.map(({ quick: _quick, ...source }) => source),
});

const measured = fc.option(fc.integer({ min: 40, max: 180 }), { freq: 3 });
/** Ids of every kind: those that fit beside the numbers, one that is too long, one that is not ASCII, none; some come twice. */
const eventId = fc.oneof(
  { weight: 8, arbitrary: fc.integer({ min: 0, max: 999 }).map((number) => `id-${number}`.padEnd(32, '0')) },
  { weight: 1, arbitrary: fc.constantFrom('x'.repeat(36), 'x'.repeat(37), 'größer', '') },
);
const reading = fc
  .record({
    // Seconds over eight minutes, so that equal times, older readings and a window's end come up.
    at: fc.integer({ min: 0, max: 480 }).map((second) => tenOClock + second * 1000),
    patientToken: fc.constantFrom('t.a', 't.b', 't.ü'),
    eventId,
    heartRate: measured,
    oxygenSaturation: measured,
    systolic: measured,
  })
  .map((parts) => aReading(parts));
const steps = fc.array(fc.constantFrom('commit', 'restart', 'take back', 'go on', 'go on', 'go on', 'go on'), {
  minLength: 60,
  maxLength: 60,
});
/** Mostly forward, as readings come, so that most can go the short way. */
const readings = fc
  .array(fc.tuple(reading, fc.integer({ min: 0, max: 12_000 })), { maxLength: 60 })
  .map((delayed) => delayed.toSorted(([a, late], [b, later]) => a.observedAt + late - b.observedAt - later).map(([each]) => each));

function play(topology: Topology, given: readonly ReadingAccepted[], plan: readonly string[]): TestStage {
  const stage = new TestStage(topology, tenOClock);
  let open: ReadingAccepted[] = [];
  for (const [index, each] of given.entries()) {
    stage.handle(each);
    open.push(each);
    if (plan[index] === 'take back') stage.rollback().handle(...open);
    if (plan[index] !== 'commit' && plan[index] !== 'restart') continue;
    stage.commit();
    open = [];
    if (plan[index] === 'restart') stage.restart();
  }
  return stage.commit();
}

test('the short way leaves the very rows that the long way leaves, byte by byte, and tells the same windows', () => {
  fc.assert(
    fc.property(readings, steps, (given, plan) => {
      const short = play(stageTopology(), given, plan);
      const long = play(withoutShortWay(stageTopology()), given, plan);

      expect(short.contents('ward')).toEqual(long.contents('ward'));
      expect(short.emissions).toEqual(long.emissions);
    }),
    { numRuns: 300 },
  );
});

test('what a batch that is taken back changed by the short way is as it was before', () => {
  fc.assert(
    fc.property(readings, readings, (before, takenBack) => {
      const stage = play(stageTopology(), before, []);
      const rows = stage.contents('ward');
      stage.handle(...takenBack).rollback();
      // A reading that measures nothing has its patient's row written anew.
      const silent = ['t.a', 't.b', 't.ü'].filter((token) => token in rows);
      const once = { receivedAt: tenOClock, at: tenOClock - 86_400_000 };
      const expected = play(stageTopology(), before, []);
      expected.nowMs = stage.nowMs;
      for (const each of [stage, expected])
        each.pipe(...silent.map((patientToken) => aReading({ ...once, patientToken, eventId: 'none' })));

      expect(stage.contents('ward')).toEqual(expected.contents('ward'));
    }),
    { numRuns: 200 },
  );
});

test('readings of a quiet patient go the short way', () => {
  let long = 0;
  const topology = stageTopology();
  const [source, ...others] = topology.sources;
  if (!source) throw new Error('The topology has no source.');
  const handle = ((...args: Parameters<typeof source.handle>) => {
    long++;
    return source.handle(...args);
  }) as typeof source.handle;
  const stage = new TestStage({ ...topology, sources: [{ ...source, handle }, ...others] }, tenOClock);
  for (let second = 0; second < 200; second++) stage.handle(aReading({ ...healthy, at: tenOClock + second * 1000 }));
  stage.commit().handle(aReading({ ...healthy, at: tenOClock + 200_000 }));

  // The first, and the one at which the window before would have become final.
  expect(long).toBe(2);
});
