import { expect, test } from '@jest/globals';
import type { ReadingAccepted } from '@vigil/contracts';
import { aReading, healthy, tenOClock, type ReadingParts } from '../test-support/a-reading.ts';
import { parameters, rulesWith, settingsOf } from '../test-support/test-rules.ts';
import { TestStage } from '../test-support/test-stage.ts';
import { createClinicalRules } from './clinical-rules.ts';
import { createTopology } from './topology.ts';

const stageWith = (env: Record<string, string> = {}) => new TestStage(createTopology(rulesWith(env)), tenOClock);

/** Limits narrow enough for warnings: heart rate 50 to 120. */
const stageWithNarrowLimits = () => {
  const limits = { heart_rate: { low: 50, high: 120 }, oxygen_saturation: { low: 92, high: 100 } };
  return new TestStage(createTopology(createClinicalRules({ ...parameters, limits }, settingsOf())), tenOClock);
};

const seconds = (count: number): number => tenOClock + count * 1000;
const minutes = (count: number): number => tenOClock + count * 60_000;
const zero = (field: string, code = 'ZERO_SIGNAL') => [{ field, code, rawValue: 0 }];
/** One reading each `stepMs`, from the start. */
const series = (count: number, stepMs: number, of: (index: number) => ReadingParts): ReadingAccepted[] =>
  Array.from({ length: count }, (_, index) => aReading({ at: tenOClock + index * stepMs, ...of(index) }));

test('a healthy patient raises nothing', () => {
  expect(
    stageWith()
      .pipe(...series(600, 1000, () => healthy))
      .alerts(),
  ).toEqual([]);
});

test('a limit of the definition is broken: a critical alert at once, with place, value and limit', () => {
  const ward = stageWith().pipe(aReading({ heartRate: 35, receivedAt: seconds(2) }));

  expect(ward.alerts()).toEqual([
    {
      alertId: expect.stringMatching(/^[0-9a-f]{32}$/),
      patientToken: 't1.patient-a',
      change: 'raised',
      rule: 'limit-low',
      vital: 'heart_rate',
      kind: 'physiological',
      severity: 'critical',
      historic: false,
      value: 35,
      threshold: 40,
      missing: [],
      flags: [],
      raisedAt: tenOClock,
      clearedAt: null,
      receivedAt: seconds(2),
      hospital: 'General',
      ward: 'ICU',
      room: '101A',
    },
  ]);
});

test.each([
  [{ heartRate: 201 }, 'raised limit-high heart_rate critical'],
  [{ systolic: 69 }, 'raised limit-low systolic critical'],
  [{ systolic: 251 }, 'raised limit-high systolic critical'],
  [{ temperatureC: 34.9 }, 'raised limit-low temperature_c critical'],
  [{ temperatureC: 43.4 }, 'raised limit-high temperature_c critical'],
])('%j: %s', (vitals, expected) => {
  expect(
    stageWith()
      .pipe(aReading({ ...vitals }))
      .alertTexts(),
  ).toContain(expected);
});

test('both ends of a limit are still allowed', () => {
  expect(
    stageWith()
      .pipe(aReading({ heartRate: 40 }), aReading({ heartRate: 200, at: seconds(1) }), aReading({ systolic: 250, at: seconds(2) }))
      .alerts(),
  ).toEqual([]);
});

test('one alert per episode; critical is latched and clears with hysteresis a minute after it is gone', () => {
  const ward = stageWith();

  ward.pipe(...series(30, 1000, () => ({ heartRate: 35 })));
  expect(ward.alertTexts()).toEqual(['raised limit-low heart_rate critical']);

  ward.pipe(aReading({ at: seconds(40), heartRate: 42 }), aReading({ at: seconds(120), heartRate: 42 }));
  expect(ward.alerts()).toHaveLength(1);

  ward.pipe(aReading({ at: seconds(130), heartRate: 50 }), aReading({ at: seconds(189), heartRate: 50 }));
  expect(ward.alerts()).toHaveLength(1);
  ward.pipe(aReading({ at: seconds(190), heartRate: 50 }));
  expect(ward.alerts().at(-1)).toMatchObject({ change: 'cleared', clearedAt: seconds(190), raisedAt: tenOClock });
  expect(ward.alerts()[1]?.alertId).toBe(ward.alerts()[0]?.alertId);

  ward.pipe(aReading({ at: seconds(200), heartRate: 35 }));
  expect(ward.alerts().at(-1)).toMatchObject({ change: 'raised', raisedAt: seconds(200) });
  expect(new Set(ward.alerts().map(({ alertId }) => alertId)).size).toBe(2);
});

test('a critical condition that comes back within the latch keeps its episode', () => {
  const ward = stageWith().pipe(aReading({ heartRate: 35 }), aReading({ at: seconds(30), heartRate: 60 }));

  ward.pipe(
    aReading({ at: seconds(60), heartRate: 35 }),
    aReading({ at: seconds(91), heartRate: 60 }),
    aReading({ at: seconds(140), heartRate: 60 }),
  );
  expect(ward.alerts()).toHaveLength(1);
  ward.pipe(aReading({ at: seconds(151), heartRate: 60 }));
  expect(ward.alerts()).toHaveLength(2);
});

test('a warning is raised when it persists five minutes of event time', () => {
  const ward = stageWithNarrowLimits();

  ward.pipe(...series(10, 30_000, () => ({ heartRate: 125 })));
  expect(ward.alerts()).toEqual([]);
  ward.pipe(aReading({ at: minutes(5), heartRate: 126 }));
  expect(ward.alerts()).toMatchObject([{ rule: 'limit-high', severity: 'warning', raisedAt: minutes(5), value: 126, threshold: 120 }]);
});

test('a warning that clears before its delay is withdrawn and leaves nothing, in the state either', () => {
  const ward = stageWithNarrowLimits();

  ward.pipe(aReading({ heartRate: 125 }), aReading({ at: minutes(4), heartRate: 125 }), aReading({ at: minutes(4.5), heartRate: 90 }));
  ward.pipe(aReading({ at: minutes(5), heartRate: 125 }), aReading({ at: minutes(9), heartRate: 125 }));

  expect(ward.alerts()).toEqual([]);
});

test('inside its limit a pending warning is withdrawn, a raised one only beyond the hysteresis', () => {
  const ward = stageWithNarrowLimits();

  ward.pipe(aReading({ heartRate: 125 }), aReading({ at: minutes(3), heartRate: 119 }), aReading({ at: minutes(4), heartRate: 121 }));
  ward.pipe(aReading({ at: minutes(8.9), heartRate: 121 }));
  expect(ward.alerts()).toEqual([]);
  ward.pipe(
    aReading({ at: minutes(9), heartRate: 121 }),
    aReading({ at: minutes(10), heartRate: 118 }),
    aReading({ at: minutes(11), heartRate: 117 }),
  );
  expect(ward.alertTexts()).toEqual(['raised limit-high heart_rate warning', 'cleared limit-high heart_rate warning']);
  expect(ward.alerts()[1]?.clearedAt).toBe(minutes(11));
});

test('a warning that becomes critical ends, and the critical alert is raised at once', () => {
  const ward = stageWithNarrowLimits();

  ward.pipe(aReading({ heartRate: 125 }), aReading({ at: minutes(5), heartRate: 125 }), aReading({ at: minutes(6), heartRate: 140 }));
  expect(ward.alertTexts()).toEqual([
    'raised limit-high heart_rate warning',
    'cleared limit-high heart_rate warning',
    'raised limit-high heart_rate critical',
  ]);
  // What is critical stays one episode while the limit is broken at all.
  ward.pipe(aReading({ at: minutes(8), heartRate: 125 }), aReading({ at: minutes(20), heartRate: 125 }));
  expect(ward.alerts()).toHaveLength(3);
});

test('a vital with a delay of its own must be critical for that long', () => {
  const ward = stageWithNarrowLimits();

  ward.pipe(...series(15, 1000, () => ({ oxygenSaturation: 88 })));
  expect(ward.alerts()).toEqual([]);
  ward.pipe(aReading({ at: seconds(15), oxygenSaturation: 93 }), aReading({ at: seconds(16), oxygenSaturation: 88 }));
  ward.pipe(aReading({ at: seconds(17), oxygenSaturation: 91.5 }), aReading({ at: seconds(18), oxygenSaturation: 88 }));
  expect(ward.alerts()).toEqual([]);
  ward.pipe(aReading({ at: seconds(33), oxygenSaturation: 88 }));
  expect(ward.alertTexts()).toEqual(['raised limit-low oxygen_saturation critical']);
});

test('a pending warning that is critical for a moment is still as old as it was', () => {
  const ward = stageWithNarrowLimits();

  ward.pipe(
    aReading({ oxygenSaturation: 91.5 }),
    aReading({ at: seconds(295), oxygenSaturation: 88 }),
    aReading({ at: seconds(300), oxygenSaturation: 91.5 }),
  );
  expect(ward.alerts()).toMatchObject([{ rule: 'limit-low', severity: 'warning', raisedAt: seconds(300) }]);
});

test.each([
  ['heart_rate', 'asystole'],
  ['respiratory_rate', 'apnoea'],
])('%s 0 while another vital is alive is %s: critical, at once, until it is measured again', (field, rule) => {
  const ward = stageWith().pipe(aReading({ oxygenSaturation: 95, excluded: zero(field) }));

  expect(ward.alerts()).toMatchObject([{ rule, vital: field, kind: 'physiological', severity: 'critical', value: 0 }]);
  const measured = field === 'heart_rate' ? { heartRate: 70 } : { respiratoryRate: 14 };
  ward.pipe(aReading({ at: seconds(10), ...measured }), aReading({ at: seconds(70), ...measured }));
  expect(ward.alertTexts().at(-1)).toBe(`cleared ${rule} ${field} critical`);
});

test('heart rate 0 is an asystole too when a second monitor saw another vital a moment ago', () => {
  const ward = stageWith().pipe(aReading({ oxygenSaturation: 95 }), aReading({ at: seconds(20), excluded: zero('heart_rate') }));

  expect(ward.alertTexts()).toEqual(['raised asystole heart_rate critical']);
});

test('everything at 0 is a lost signal: one technical alarm, no asystole', () => {
  const excluded = [...zero('heart_rate'), ...zero('respiratory_rate'), ...zero('oxygen_saturation')];
  const ward = stageWith().pipe(
    aReading({ heartRate: 70, oxygenSaturation: 97, respiratoryRate: 15 }),
    aReading({ at: seconds(5), excluded }),
  );

  expect(ward.alerts()).toMatchObject([{ rule: 'lead-off', vital: null, kind: 'technical', severity: 'warning' }]);
});

test('a zero while the device says that a lead is off is the lead, and clears a minute after it is back', () => {
  const ward = stageWith().pipe(aReading({ oxygenSaturation: 97, deviceStatus: 'LEAD_OFF', excluded: zero('heart_rate', 'LEAD_OFF') }));
  expect(ward.alertTexts()).toEqual(['raised lead-off - warning']);

  ward.pipe(aReading({ at: seconds(10), heartRate: 70 }), aReading({ at: seconds(30), deviceStatus: 'LEAD_OFF' }));
  ward.pipe(aReading({ at: seconds(40), heartRate: 70 }), aReading({ at: seconds(99), heartRate: 70 }));
  expect(ward.alerts()).toHaveLength(1);
  ward.pipe(aReading({ at: seconds(100), heartRate: 70 }));
  expect(ward.alertTexts().at(-1)).toBe('cleared lead-off - warning');
});

test('a heart rate between 0 and 20 is a technical alarm', () => {
  const excluded = [{ field: 'heart_rate', code: 'OUT_OF_RANGE', rawValue: 12 }];
  const ward = stageWith().pipe(aReading({ oxygenSaturation: 97, excluded }));

  expect(ward.alerts()).toMatchObject([{ rule: 'implausible', vital: 'heart_rate', kind: 'technical', value: 12, threshold: 20 }]);
  ward.pipe(aReading({ at: seconds(1), heartRate: 70 }), aReading({ at: seconds(61), heartRate: 70 }));
  expect(ward.alertTexts().at(-1)).toBe('cleared implausible heart_rate warning');
});

test('a watched vital that stays away while others go on is a silent one, until it comes back', () => {
  const ward = stageWith().pipe(
    aReading({ heartRate: 70, oxygenSaturation: 97 }),
    aReading({ at: seconds(1), heartRate: 70, oxygenSaturation: 97 }),
  );

  ward.pipe(aReading({ at: minutes(5), heartRate: 70 }));
  expect(ward.alerts()).toEqual([]);
  ward.pipe(aReading({ at: minutes(6), heartRate: 70 }));
  expect(ward.alerts()).toMatchObject([{ rule: 'silent', vital: 'oxygen_saturation', kind: 'technical', value: 359, threshold: 300 }]);
  ward.pipe(aReading({ at: minutes(7), heartRate: 70, oxygenSaturation: 97 }));
  expect(ward.alertTexts().at(-1)).toBe('cleared silent oxygen_saturation warning');
});

test('a vital that comes every hour is silent after three hours, not after five minutes', () => {
  const ward = stageWith();

  ward.pipe(
    aReading({ oxygenSaturation: 97 }),
    aReading({ at: minutes(60), oxygenSaturation: 97 }),
    aReading({ at: minutes(120), heartRate: 70 }),
  );
  expect(ward.alerts()).toEqual([]);
  ward.pipe(aReading({ at: minutes(241), heartRate: 70 }));
  expect(ward.alertTexts()).toEqual(['raised silent oxygen_saturation warning']);
});

test('a patient of whom nothing comes for five minutes raises one technical alarm, which the next reading clears', () => {
  const ward = stageWith().pipe(aReading({ ...healthy }));

  ward.idle(299_000);
  expect(ward.alerts()).toEqual([]);
  ward.idle(600_000);
  expect(ward.alerts()).toMatchObject([{ rule: 'silent', vital: null, kind: 'technical', threshold: 300, ward: 'ICU', room: '101A' }]);

  ward.restart().idle(900_000);
  expect(ward.alerts()).toHaveLength(1);
  ward.pipe(aReading({ at: minutes(30), ...healthy }));
  expect(ward.alertTexts().at(-1)).toBe('cleared silent - warning');
});

test('an alarm of silence can be cleared by a reading from before it was raised', () => {
  const ward = stageWith()
    .pipe(aReading({ ...healthy }))
    .idle(301_000);
  ward.pipe(aReading({ at: minutes(4), ...healthy, receivedAt: minutes(6) }));

  expect(ward.alerts().at(-1)).toMatchObject({ change: 'cleared', raisedAt: minutes(5), clearedAt: minutes(5) });
});

test('silence is not watched where the setting says so, nor after historic data', () => {
  const unwatched = stageWith({ VIGIL_ALARM_SILENT_MONITOR_MS: '0' })
    .pipe(aReading({ ...healthy }))
    .idle(3_600_000);
  const historic = stageWith()
    .pipe(aReading({ ...healthy, historic: true }))
    .idle(3_600_000);

  expect(unwatched.alerts()).toEqual([]);
  expect(historic.alerts()).toEqual([]);
});

const ill = { ...healthy, heartRate: 135, respiratoryRate: 26, systolic: 88 };

test('NEWS2 of 7 and more is critical at once', () => {
  const ward = stageWith().pipe(aReading({ ...ill }));

  expect(ward.alerts()).toMatchObject([
    { rule: 'news2', vital: null, severity: 'critical', value: 9, threshold: 7, missing: [], flags: [] },
  ]);
});

test('NEWS2 of 5 or 6, or 3 in one parameter, is a warning after five minutes', () => {
  const medium = stageWith().pipe(...series(11, 30_000, () => ({ ...healthy, respiratoryRate: 22, systolic: 95, temperatureC: 38.5 })));
  const single = stageWith().pipe(...series(11, 30_000, () => ({ ...healthy, consciousness: 'V' })));

  expect(medium.alerts()).toMatchObject([{ rule: 'news2', severity: 'warning', value: 5, threshold: 5, raisedAt: minutes(5) }]);
  expect(single.alerts()).toMatchObject([{ rule: 'news2', severity: 'warning', value: 3, threshold: 3 }]);
});

test('a score clears one point below its threshold', () => {
  const scoreOf4 = { ...healthy, respiratoryRate: 22, systolic: 95 };
  const scoreOf6 = { ...healthy, heartRate: 115, respiratoryRate: 22, systolic: 95 };
  const ward = stageWith().pipe(aReading({ ...ill }), aReading({ at: minutes(2), ...scoreOf6 }), aReading({ at: minutes(9), ...scoreOf4 }));

  expect(ward.alerts()).toHaveLength(1);
  ward.pipe(aReading({ at: minutes(10), ...healthy }), aReading({ at: minutes(11), ...healthy }));
  expect(ward.alertTexts()).toEqual(['raised news2 - critical', 'cleared news2 - critical']);
});

test('a partial score says what it lacks; vitals of a second monitor count for a quarter of an hour', () => {
  const ward = stageWith().pipe(aReading({ heartRate: 140, systolic: 85, birthYear: 1950 }));
  expect(ward.alerts()).toEqual([]);

  ward.pipe(aReading({ at: minutes(15), respiratoryRate: 26, birthYear: 1950 }));
  expect(ward.alerts().filter(({ rule }) => rule === 'news2')).toMatchObject([
    {
      rule: 'news2',
      value: 9,
      flags: ['PARTIAL_SCORE'],
      missing: ['oxygen_saturation', 'supplemental_oxygen', 'consciousness', 'temperature_c'],
    },
  ]);

  const old = stageWith().pipe(aReading({ heartRate: 140, systolic: 85 }), aReading({ at: minutes(15.1), respiratoryRate: 26 }));
  expect(old.alerts().filter(({ rule }) => rule === 'news2')).toMatchObject([{ severity: 'warning', value: 3, threshold: 3 }]);
});

test('a child is not scored, an unknown age is flagged, and the registry decides before the device', () => {
  const dayOf = (date: string): number => Date.parse(`${date}T00:00:00Z`) / 86_400_000;
  const child = stageWith()
    .register({ patientToken: 't1.patient-a', birthDate: dayOf('2015-06-01') })
    .pipe(aReading({ ...ill }));
  expect(child.alerts()).toEqual([]);

  const unknown = stageWith().pipe(aReading({ ...ill, birthYear: null }));
  expect(unknown.alerts()).toMatchObject([{ rule: 'news2', flags: ['AGE_UNKNOWN'] }]);

  unknown.register({ patientToken: 't1.patient-a', birthDate: dayOf('2015-06-01') }).restart();
  unknown.pipe(aReading({ at: seconds(1), ...ill }));
  expect(unknown.alertTexts().at(-1)).toBe('cleared news2 - critical');

  unknown.unregister('t1.patient-a').pipe(aReading({ at: seconds(2), ...ill }));
  expect(unknown.alertTexts().at(-1)).toBe('raised news2 - critical');
  expect(unknown.rows('patients')).toEqual([]);
});

test('a late critical reading is raised, flagged, and cleared by what came after it', () => {
  const ward = stageWith().pipe(aReading({ heartRate: 70 }), aReading({ at: minutes(20), heartRate: 72 }));

  ward.pipe(aReading({ at: minutes(8), heartRate: 30, historic: true }));
  expect(ward.alerts()).toMatchObject([
    { rule: 'limit-low', severity: 'critical', historic: true, flags: ['LATE_READING'], raisedAt: minutes(8) },
  ]);
  ward.pipe(aReading({ at: minutes(21), heartRate: 72 }), aReading({ at: minutes(22), heartRate: 72 }));
  expect(ward.alerts().at(-1)).toMatchObject({ change: 'cleared', clearedAt: minutes(22) });
});

test('late readings of an episode that was told are not told again', () => {
  const ward = stageWith().pipe(
    aReading({ heartRate: 30 }),
    aReading({ at: minutes(1), heartRate: 70 }),
    aReading({ at: minutes(2), heartRate: 70 }),
  );
  expect(ward.alerts()).toHaveLength(2);

  ward.pipe(aReading({ at: seconds(30), heartRate: 30 }), aReading({ at: minutes(-4), heartRate: 30 }), aReading({ heartRate: 30 }));
  expect(ward.alerts()).toHaveLength(2);
  ward.pipe(aReading({ at: minutes(-6), heartRate: 30 }));
  expect(ward.alerts().at(-1)).toMatchObject({ change: 'raised', raisedAt: minutes(-6) });
  ward.pipe(aReading({ at: minutes(-7), heartRate: 30 }), aReading({ at: minutes(1.5), heartRate: 30 }));
  expect(ward.alerts()).toHaveLength(3);
});

test('late readings say nothing of warnings, of leads or of what is normal again', () => {
  const ward = stageWithNarrowLimits().pipe(aReading({ at: minutes(10), heartRate: 70, oxygenSaturation: 97 }));
  ward.pipe(
    aReading({ at: minutes(4), heartRate: 125 }),
    aReading({ at: minutes(5), excluded: [...zero('heart_rate'), ...zero('oxygen_saturation')] }),
  );
  expect(ward.alerts()).toEqual([]);

  ward.pipe(aReading({ at: minutes(6), oxygenSaturation: 95, excluded: zero('heart_rate') }));
  expect(ward.alerts()).toMatchObject([{ rule: 'asystole', flags: ['LATE_READING'] }]);
});

test('an episode raised by history is raised again, live, when it goes on in the present', () => {
  const ward = stageWith().pipe(aReading({ heartRate: 30, historic: true }), aReading({ at: seconds(10), heartRate: 30, historic: true }));
  expect(ward.alerts()).toMatchObject([{ historic: true }]);

  ward.pipe(aReading({ at: seconds(20), heartRate: 30 }));
  expect(ward.alerts().slice(1)).toMatchObject([
    { change: 'cleared', historic: true },
    { change: 'raised', historic: false, raisedAt: seconds(20) },
  ]);
});

test('what is open of a patient who is forgotten is cleared', () => {
  const ward = stageWith()
    .pipe(aReading({ heartRate: 30 }))
    .idle(25 * 3_600_000, { stepMs: 60_000 });

  expect(ward.alertTexts()).toEqual([
    'raised limit-low heart_rate critical',
    'raised silent - warning',
    'cleared limit-low heart_rate critical',
    'cleared silent - warning',
  ]);
});

test('alarms survive a restart: no second raise, and the clear of the first', () => {
  const ward = stageWith()
    .pipe(aReading({ heartRate: 30 }))
    .restart();

  ward.pipe(aReading({ at: seconds(1), heartRate: 30 }), aReading({ at: seconds(2), heartRate: 70 })).restart();
  ward.pipe(aReading({ at: seconds(62), heartRate: 70 }));

  expect(ward.alertTexts()).toEqual(['raised limit-low heart_rate critical', 'cleared limit-low heart_rate critical']);
});
