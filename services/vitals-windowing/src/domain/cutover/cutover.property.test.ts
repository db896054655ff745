import { expect, test } from '@jest/globals';
import type { AlertRaised, ReadingAccepted, WindowClosed } from '@vigil/contracts';
import * as fc from 'fast-check';
import { aReading, tenOClock } from '../../../test-support/a-reading.ts';
import { differencesOf, lastRevisions, recomputeWindows } from '../../../test-support/recompute-windows.ts';
import { rulesWith } from '../../../test-support/test-rules.ts';
import { TestStage } from '../../../test-support/test-stage.ts';
import { adoptRun } from '../../handlers/adopt-run.ts';
import { createTopology } from '../../topology.ts';

const wholeFromMs = Number.NEGATIVE_INFINITY;

/** Rules that judge the same readings differently: other limits by hysteresis, delays, grace, panes and sizes of windows. */
const shapes = fc.constantFrom<Record<string, string>>(
  {},
  { VIGIL_ALARM_DELAY_MS: 'heart_rate=30000' },
  { VIGIL_ALARM_HYSTERESIS: 'heart_rate=20' },
  { VIGIL_WINDOW_GRACE_MS: '240000' },
  { VIGIL_WINDOW_GRACE_MS: '0', VIGIL_WINDOW_PANE_MS: '10000' },
  { VIGIL_WINDOW_SIZE_MS: '60000' },
  { VIGIL_ALERT_RULES: 'false' },
);

/** Every few seconds; heart rates that break limits now and then, some late, some historic. */
const readings = fc.array(
  fc.record({
    patient: fc.constantFrom('a', 'b'),
    aheadMs: fc.integer({ min: 0, max: 90_000 }),
    lateMs: fc.oneof(fc.constant(0), fc.constant(0), fc.integer({ min: 0, max: 400_000 })),
    heartRate: fc.constantFrom(70, 75, 80, 30, 38, 45, 130, 150, 190),
    historic: fc.oneof(fc.constant(false), fc.constant(false), fc.boolean()),
  }),
  { minLength: 1, maxLength: 60 },
);

const cases = fc.record({
  before: readings,
  after: readings,
  live: shapes,
  run: shapes,
  pages: fc.boolean(),
  quietMs: fc.constantFrom(0, 0, 200_000, 400_000),
});

function timed(
  parts: readonly { patient: string; aheadMs: number; lateMs: number; heartRate: number; historic: boolean }[],
  fromMs: number,
) {
  let now = fromMs;
  const made = parts.map(({ patient, aheadMs, lateMs, heartRate, historic }): ReadingAccepted => {
    now += aheadMs;
    return aReading({ patientToken: `t1.${patient}`, at: now - lateMs, receivedAt: now + 1000, heartRate, historic });
  });
  return { made, untilMs: now };
}

/** Each end of an episode at most once, in order; whatever was raised is open or cleared. Returns what is open. */
function openEpisodes(alerts: readonly AlertRaised[]): Set<string> {
  const [open, ever] = [new Set<string>(), new Set<string>()];
  for (const { alertId, change } of alerts) {
    if (change === 'raised') {
      expect(ever.has(alertId)).toBe(false);
      ever.add(alertId);
      open.add(alertId);
    } else {
      expect(open.delete(alertId)).toBe(true);
    }
  }
  return open;
}

function expectRevisionsInOrder(windows: readonly WindowClosed[]): void {
  const next = new Map<string, number>();
  for (const { windowId, vital, revision } of windows) {
    expect(revision).toBeGreaterThanOrEqual(next.get(windowId + vital) ?? 0);
    next.set(windowId + vital, revision + 1);
  }
}

test('no alert is told twice or left open and no revision of a window twice, whatever both rules thought of the readings', () => {
  fc.assert(
    fc.property(cases, ({ before, after, live: liveShape, run: runShape, pages, quietMs }) => {
      const rules = rulesWith(runShape);
      const first = timed(before, tenOClock);
      const live = new TestStage(createTopology(rulesWith(liveShape)), tenOClock).pipe(...first.made);
      live.idle(quietMs, { stepMs: 20_000 });
      const run = new TestStage(createTopology(rules), live.nowMs).pipe(...first.made);
      const stage = TestStage.cutOver(createTopology(rules), { live, run }, adoptRun(rules, { pages, wholeFromMs }));
      const atCutover = stage.alerts();
      const told = [...live.alerts(), ...atCutover];

      // Until a reading comes, nobody is paged who does not want to be.
      if (!pages) expect(atCutover.filter(({ change, historic }) => change === 'raised' && !historic)).toEqual([]);
      expect(atCutover.every(({ change, flags }) => change === 'cleared' || flags.includes('REPLAYED'))).toBe(true);
      // What is open for readers is open in the state, and the other way round.
      const known = openEpisodes(told);
      expect(
        openEpisodes([
          ...told,
          ...TestStage.cutOver(createTopology(rules), { live: stage, run }, adoptRun(rules, { pages, wholeFromMs })).alerts(),
        ]),
      ).toEqual(known);

      const second = timed(after, first.untilMs);
      stage.pipe(...second.made);
      stage.idle(26 * 3_600_000, { stepMs: 600_000 });
      expect(openEpisodes([...live.alerts(), ...stage.alerts()])).toEqual(new Set());
      expectRevisionsInOrder([...live.windows(), ...stage.windows()]);
    }),
    { numRuns: 150 },
  );
});

test('a run of the same rules tells nothing and changes nothing', () => {
  fc.assert(
    fc.property(readings, shapes, fc.constantFrom(0, 400_000), (parts, shape, quietMs) => {
      const rules = rulesWith(shape);
      const { made } = timed(parts, tenOClock);
      const live = new TestStage(createTopology(rules), tenOClock).pipe(...made).idle(quietMs, { stepMs: 20_000 });
      const run = new TestStage(createTopology(rules), live.nowMs).pipe(...made);
      const stage = TestStage.cutOver(createTopology(rules), { live, run }, adoptRun(rules, { pages: true, wholeFromMs }));
      expect(stage.emissions).toEqual([]);
      expect([...stage.rows('ward')].sort()).toEqual([...live.rows('ward')].sort());
    }),
    { numRuns: 60 },
  );
});

test('windows that can still change when a run takes over are in the end those of all readings', () => {
  const onTime = readings.map((parts) => parts.map((part) => ({ ...part, lateMs: 0 })));
  fc.assert(
    fc.property(
      fc.record({ before: onTime, after: onTime, live: shapes, run: shapes }),
      ({ before, after, live: liveShape, run: runShape }) => {
        const rules = rulesWith(runShape);
        const first = timed(before, tenOClock);
        const live = new TestStage(createTopology(rulesWith(liveShape)), tenOClock).pipe(...first.made);
        const run = new TestStage(createTopology(rules), live.nowMs).pipe(...first.made);
        const stage = TestStage.cutOver(createTopology(rules), { live, run }, adoptRun(rules, { pages: false, wholeFromMs }));
        const second = timed(after, first.untilMs);
        stage.pipe(...second.made).idle(3_600_000, { stepMs: 60_000 });

        const { sizeMs, advanceMs } = rules.windows;
        const told = [...live.windows(), ...stage.windows()].filter((window) => window.sizeMs === sizeMs);
        const all = recomputeWindows([...first.made, ...second.made], { sizeMs, advanceMs });
        // Of windows in another size the run told those before that can no longer be corrected: they stay in its own topics.
        const ofRun = run
          .windows()
          .filter((window) => liveShape['VIGIL_WINDOW_SIZE_MS'] !== runShape['VIGIL_WINDOW_SIZE_MS'] && window.sizeMs === sizeMs);
        const seen = lastRevisions([...ofRun, ...told]);
        expect(differencesOf(seen, all)).toEqual([]);
      },
    ),
    { numRuns: 100 },
  );
});
