import { expect, test } from '@jest/globals';
import { rulesWith, settingsOf } from '../test-support/test-rules.ts';
import { defaultWorkflowsDir } from './config.ts';

test('windows and baseline are those of the definition, settings decide the rest', () => {
  const { windows, deviation, limits } = rulesWith();

  expect(windows).toEqual({
    sizeMs: 300_000,
    advanceMs: 300_000,
    paneMs: 30_000,
    boundMs: 10_000,
    graceMs: 60_000,
    retentionMs: 900_000,
    idleMs: 90_000,
    dropAfterMs: 86_400_000,
    earlyUpdates: false,
  });
  expect(deviation).toMatchObject({ threshold: 2.5, baselineMs: 300_000, reachMs: 1_800_000, minCount: 9 });
  expect(limits.low).toEqual([40, -Infinity, -Infinity, 35, 70, -Infinity]);
  expect(limits.high).toEqual([200, Infinity, Infinity, 43.333333333, 250, Infinity]);
});

test.each([
  [300_000, 300_000, '30000', 30_000],
  [300_000, 10_000, '30000', 10_000],
  [60_000, 20_000, '30000', 10_000],
  [100_000, 100_000, '30000', 10_000],
  [45_000, 45_000, '30000', 15_000],
])('a window of %d every %d ms, panes at most %s: %d', (sizeMs, advanceMs, widest, paneMs) => {
  const env = { VIGIL_WINDOW_SIZE_MS: String(sizeMs), VIGIL_WINDOW_ADVANCE_MS: String(advanceMs), VIGIL_WINDOW_PANE_MS: widest };
  expect(rulesWith(env).windows.paneMs).toBe(paneMs);
});

test('windows alone need no narrower panes than what they are made of', () => {
  expect(rulesWith({ VIGIL_ALERT_RULES: 'false' }).windows.paneMs).toBe(300_000);
  expect(rulesWith({ VIGIL_ALERT_RULES: 'false', VIGIL_WINDOW_ADVANCE_MS: '100000' }).windows.paneMs).toBe(100_000);
});

test.each(['70000', '600000'])('an advance of %s that does not divide the window is refused', (advance) => {
  expect(() => rulesWith({ VIGIL_WINDOW_ADVANCE_MS: advance })).toThrow(/VIGIL_WINDOW_ADVANCE_MS is \d+ and the window has 300000 ms/u);
});

test('a setting by vital changes the vitals it names', () => {
  const { alarmHysteresis } = settingsOf({ VIGIL_ALARM_HYSTERESIS: 'heart_rate=7,systolic=2.5' });

  expect(alarmHysteresis).toMatchObject({ heart_rate: 7, systolic: 2.5, diastolic: 5 });
});

test('all that is wrong with a setting by vital is told at once', () => {
  expect(() => settingsOf({ VIGIL_ALARM_HYSTERESIS: 'hart_rate=7,systolic=much', VIGIL_WINDOW_IDLE_MS: 'soon' })).toThrow(
    /names hart_rate, which is not one of heart_rate.*has the entry systolic=much, which is not vital=number[\s\S]*|VIGIL_WINDOW_IDLE_MS/u,
  );
});

test('the definitions are the repository’s unless a directory is named', () => {
  expect(defaultWorkflowsDir.endsWith('/workflows')).toBe(true);
  expect(settingsOf().workflowsDir).toBeUndefined();
});
