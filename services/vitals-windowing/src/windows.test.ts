import { expect, test } from '@jest/globals';
import { aReading, tenOClock } from '../test-support/a-reading.ts';
import { rulesWith } from '../test-support/test-rules.ts';
import { TestStage } from '../test-support/test-stage.ts';
import { createTopology } from './topology.ts';

const stageWith = (env: Record<string, string> = {}, nowMs = tenOClock) => new TestStage(createTopology(rulesWith(env)), nowMs);
const minutes = (count: number): number => count * 60_000;

test('a window closes when the watermark passes its end and the grace period, once per vital', () => {
  const ward = stageWith();

  ward.pipe(aReading({ at: '10:00:00', heartRate: 80, oxygenSaturation: 97 }), aReading({ at: '10:04:59', heartRate: 90 }));
  ward.pipe(aReading({ at: '10:06:09.999', heartRate: 70 }));
  expect(ward.windows()).toEqual([]);

  ward.pipe(aReading({ at: '10:06:10', heartRate: 71 }));
  expect(ward.windows()).toEqual([
    expect.objectContaining({ vital: 'heart_rate', windowStart: tenOClock, sizeMs: 300_000, revision: 0, closedBy: 'watermark' }),
    expect.objectContaining({ vital: 'oxygen_saturation', n: 1, mean: 97, stddev: null, last: 97 }),
  ]);
  expect(ward.windows()[0]).toMatchObject({ n: 2, min: 80, max: 90, mean: 85, last: 90 });
  expect(ward.windows()[0]?.stddev).toBeCloseTo(Math.sqrt(50), 12);
});

test('the start of a window belongs to it and its end to the next', () => {
  const ward = stageWith();

  ward.pipe(
    aReading({ at: '10:05:00', heartRate: 80 }),
    aReading({ at: '10:04:59.999', heartRate: 60 }),
    aReading({ at: '10:12:00', heartRate: 70 }),
  );

  expect(ward.windows().map(({ windowStart, last }) => [windowStart - tenOClock, last])).toEqual([
    [0, 60],
    [minutes(5), 80],
  ]);
});

test('the last value is that of the greatest time, and among equals of the greatest event id', () => {
  const ward = stageWith();

  ward.pipe(
    aReading({ at: '10:00:30', heartRate: 80, eventId: 'b' }),
    aReading({ at: '10:00:30', heartRate: 81, eventId: 'a' }),
    aReading({ at: '10:00:29', heartRate: 82, eventId: 'z' }),
    aReading({ at: '10:07:00', heartRate: 90 }),
  );

  expect(ward.windows()).toMatchObject([{ n: 3, last: 80 }]);
});

test('a reading later than the grace period goes to the late topic and corrects a retained window', () => {
  const ward = stageWith();

  ward.pipe(aReading({ at: '10:00:10', heartRate: 80 }), aReading({ at: '10:07:00', heartRate: 75 }));
  ward.pipe(aReading({ at: '10:01:00', heartRate: 90, respiratoryRate: 15 }));

  expect(ward.late()).toHaveLength(1);
  expect(ward.dispositions).toEqual(['processed', 'processed', 'late']);
  expect(ward.windows().slice(1)).toEqual([
    expect.objectContaining({ vital: 'heart_rate', revision: 1, closedBy: 'correction', n: 2, mean: 85 }),
    expect.objectContaining({ vital: 'respiratory_rate', revision: 0, closedBy: 'correction', n: 1 }),
  ]);
  expect(ward.windows()[1]?.windowId).toBe(ward.windows()[0]?.windowId);
});

test.each(['true', 'false'])('a reading in which nothing was measured moves the clock on as any other, alert rules: %s', (alertRules) => {
  const ward = stageWith({ VIGIL_ALERT_RULES: alertRules });

  // In one batch, so that nothing but the reading itself ends what held for the ones before.
  ward.pipe(aReading({ at: '10:00:10', heartRate: 80 }), aReading({ at: '10:07:00' }), aReading({ at: '10:00:12', heartRate: 90 }));

  expect(ward.dispositions).toEqual(['processed', 'processed', 'late']);
  expect(ward.windows()).toMatchObject([
    { revision: 0, closedBy: 'watermark', n: 1 },
    { revision: 1, closedBy: 'correction', n: 2 },
  ]);
});

test('a correction tells only the vitals that it changed', () => {
  const ward = stageWith();

  ward.pipe(aReading({ at: '10:00:10', heartRate: 80, oxygenSaturation: 97 }), aReading({ at: '10:07:00', heartRate: 75 }));
  ward.pipe(aReading({ at: '10:01:00', oxygenSaturation: 95 }));

  expect(ward.windows().map(({ vital, revision }) => [vital, revision])).toEqual([
    ['heart_rate', 0],
    ['oxygen_saturation', 0],
    ['oxygen_saturation', 1],
  ]);
});

test('a reading out of order within the bound and the grace is neither late nor told twice', () => {
  const ward = stageWith();

  ward.pipe(
    aReading({ at: '10:06:00', heartRate: 75 }),
    aReading({ at: '10:02:00', heartRate: 85 }),
    aReading({ at: '10:06:30', heartRate: 75 }),
  );

  expect(ward.late()).toEqual([]);
  expect(ward.windows()).toMatchObject([{ revision: 0, n: 1, mean: 85 }]);
});

test('what comes after the retention is late, kept on the late topic, and corrects nothing', () => {
  const ward = stageWith();

  ward.pipe(aReading({ at: '10:00:10', heartRate: 80 }), aReading({ at: '10:21:09', heartRate: 75 }));
  ward.pipe(aReading({ at: '10:01:00', heartRate: 82 }));
  expect(ward.windows().at(-1)).toMatchObject({ revision: 1, n: 2 });

  ward.pipe(aReading({ at: '10:21:10', heartRate: 75 }));
  const told = ward.windows().length;
  ward.pipe(aReading({ at: '10:02:00', heartRate: 84 }));
  expect(ward.windows()).toHaveLength(told);
  expect(ward.late()).toHaveLength(2);
});

test('a reading in which nothing was measured is processed, however old', () => {
  const ward = stageWith();

  ward.pipe(aReading({ at: '10:30:00', heartRate: 80 }), aReading({ at: '09:00:00' }));

  expect(ward.dispositions).toEqual(['processed', 'processed']);
  expect(ward.late()).toEqual([]);
});

test('a window closes idle in processing time, stays correctable, and is told again only when it changed', () => {
  const ward = stageWith();

  ward.pipe(aReading({ at: '10:00:10', heartRate: 80 }));
  ward.idle(minutes(5) + 78_000);
  expect(ward.windows()).toEqual([]);

  ward.idle(2_000);
  expect(ward.windows()).toMatchObject([{ revision: 0, closedBy: 'idle', n: 1 }]);
  ward.idle(minutes(2));
  expect(ward.windows()).toHaveLength(1);

  // It did not advance the watermark: this reading is not late, and the window is told again when it is final.
  ward.pipe(aReading({ at: '10:04:00', heartRate: 90, receivedAt: tenOClock + minutes(9) }));
  expect(ward.late()).toEqual([]);
  expect(ward.windows()).toHaveLength(1);
  ward.pipe(aReading({ at: '10:10:00', heartRate: 70 }));
  expect(ward.windows().slice(1)).toMatchObject([{ revision: 1, closedBy: 'watermark', n: 2, mean: 85 }]);
});

test('nothing closes idle while the partition has a backlog, nor before the idle time after a restart', () => {
  const ward = stageWith();

  ward.pipe(aReading({ at: '10:00:10', heartRate: 80 }));
  ward.idle(minutes(20), { caughtUp: false });
  expect(ward.windows()).toEqual([]);

  ward.restart().idle(89_000);
  expect(ward.windows()).toEqual([]);
  ward.idle(1_000);
  expect(ward.windows()).toHaveLength(1);
});

test('of very many patients who stay silent after a restart so many a tick are told', () => {
  const ward = stageWith({ VIGIL_ALERT_RULES: 'false' });
  const tokens = Array.from({ length: 10_003 }, (_, index) => `t1.${index}`);
  ward.pipe(...tokens.map((patientToken) => aReading({ at: '10:00:10', heartRate: 80, patientToken })));

  ward.restart().idle(minutes(10), { stepMs: minutes(10) });
  expect(ward.windows()).toHaveLength(10_000);
  ward.tick();
  expect(new Set(ward.windows().map(({ patientToken }) => patientToken))).toEqual(new Set(tokens));
});

test('a monitor whose clock is fast closes nobody else’s windows', () => {
  const ward = stageWith();

  ward.pipe(aReading({ at: '10:00:10', heartRate: 80 }), aReading({ at: '10:30:00', heartRate: 70, patientToken: 'other' }));
  ward.pipe(aReading({ at: '10:00:20', heartRate: 82 }));

  expect(ward.windows()).toEqual([]);
  expect(ward.late()).toEqual([]);
});

test('hopping windows overlap: each advance closes one, a reading counts in each that holds it', () => {
  const ward = stageWith({
    VIGIL_WINDOW_SIZE_MS: '60000',
    VIGIL_WINDOW_ADVANCE_MS: '20000',
    VIGIL_WINDOW_GRACE_MS: '0',
    VIGIL_WINDOW_BOUND_MS: '0',
  });

  ward.pipe(
    aReading({ at: '10:00:05', heartRate: 60 }),
    aReading({ at: '10:00:25', heartRate: 70 }),
    aReading({ at: '10:00:45', heartRate: 80 }),
  );
  ward.pipe(aReading({ at: '10:02:00', heartRate: 90 }));

  expect(ward.windows().map(({ windowStart, n, mean }) => [(windowStart - tenOClock) / 1000, n, mean])).toEqual([
    [-40, 1, 60],
    [-20, 2, 65],
    [0, 3, 70],
    [20, 2, 75],
    [40, 1, 80],
  ]);
});

test('a reading late for some hopping windows is late, and is told in those that were final', () => {
  const ward = stageWith({
    VIGIL_WINDOW_SIZE_MS: '60000',
    VIGIL_WINDOW_ADVANCE_MS: '20000',
    VIGIL_WINDOW_GRACE_MS: '0',
    VIGIL_WINDOW_BOUND_MS: '0',
  });

  ward.pipe(aReading({ at: '10:00:05', heartRate: 60 }), aReading({ at: '10:00:50', heartRate: 80 }));
  const told = ward.windows().length;
  ward.pipe(aReading({ at: '10:00:10', heartRate: 66 }));

  expect(ward.late()).toHaveLength(1);
  expect(
    ward
      .windows()
      .slice(told)
      .map(({ windowStart, revision, n }) => [(windowStart - tenOClock) / 1000, revision, n]),
  ).toEqual([
    [-40, 1, 2],
    [-20, 1, 2],
  ]);
});

test('a reading late for the older of its hopping windows opens the newer ones again', () => {
  const ward = stageWith({
    VIGIL_WINDOW_SIZE_MS: '60000',
    VIGIL_WINDOW_ADVANCE_MS: '20000',
    VIGIL_WINDOW_GRACE_MS: '0',
    VIGIL_WINDOW_BOUND_MS: '0',
  });

  ward.pipe(aReading({ at: '10:00:50', heartRate: 80 })).idle(minutes(5));
  expect(ward.windows().map(({ closedBy }) => closedBy)).toEqual(['idle', 'idle', 'idle']);

  ward.pipe(aReading({ at: '10:00:35', heartRate: 60, receivedAt: ward.nowMs })).idle(minutes(5));
  expect(
    ward
      .windows()
      .slice(3)
      .map(({ windowStart, closedBy, n }) => [(windowStart - tenOClock) / 1000, closedBy, n]),
  ).toEqual([
    [-20, 'correction', 1],
    [0, 'idle', 2],
    [20, 'idle', 2],
  ]);
});

test('between two readings of one patient may lie years', () => {
  const ward = stageWith({ VIGIL_WINDOW_SIZE_MS: '300000', VIGIL_WINDOW_ADVANCE_MS: '10000' });

  ward.pipe(aReading({ at: Date.parse('2016-01-01T00:00:00Z'), heartRate: 80 }), aReading({ at: '10:00:00', heartRate: 75 }));

  expect(ward.windows()).toHaveLength(30);
});

test('early results are told on update when asked for, never after a window is final', () => {
  const ward = stageWith({ VIGIL_WINDOW_EARLY_UPDATES: 'true' });

  ward.pipe(
    aReading({ at: '10:00:10', heartRate: 80 }),
    aReading({ at: '10:00:20', heartRate: 90, systolic: 120 }),
    aReading({ at: '10:00:40' }),
  );

  expect(ward.updates()).toMatchObject([
    { vital: 'heart_rate', closedBy: 'update', revision: 0, n: 1 },
    { vital: 'heart_rate', n: 2, mean: 85 },
    { vital: 'systolic', n: 1 },
  ]);
  ward.idle(minutes(7)).pipe(aReading({ at: '10:00:50', heartRate: 85 }));
  expect(ward.updates().at(-1)).toMatchObject({ revision: 1, n: 3 });
  ward.pipe(aReading({ at: '10:08:00', heartRate: 80 }), aReading({ at: '10:00:55', heartRate: 70 }));
  expect(ward.updates()).toHaveLength(5);
  expect(
    stageWith()
      .pipe(aReading({ heartRate: 80 }))
      .updates(),
  ).toEqual([]);
});

test('a patient silent for a day is forgotten, and the changelog with them', () => {
  const ward = stageWith();

  ward.pipe(aReading({ at: '10:00:10', heartRate: 80 })).idle(minutes(60 * 24 - 1), { stepMs: 60_000 });
  expect(ward.rows('ward').length).toBeGreaterThan(0);

  ward.idle(minutes(2), { stepMs: 60_000 });
  expect(ward.rows('ward')).toEqual([]);
  ward.restart().pipe(aReading({ at: '10:00:20', heartRate: 82 }));
  expect(ward.late()).toEqual([]);
});

test('a batch that is taken back leaves no trace', () => {
  const ward = stageWith();

  ward.pipe(aReading({ at: '10:00:10', heartRate: 80 }), aReading({ at: '10:06:00', heartRate: 75 }));
  ward
    .handle(
      aReading({ at: '10:30:00', heartRate: 30 }),
      aReading({ at: '10:01:00', heartRate: 99 }),
      aReading({ patientToken: 'new', heartRate: 70 }),
    )
    .rollback();
  ward.pipe(aReading({ at: '10:02:00', heartRate: 90 }), aReading({ at: '10:06:20', heartRate: 75 }));

  expect(ward.windows()).toMatchObject([{ revision: 0, n: 2, mean: 85 }]);
  expect(ward.rows('ward').filter((key) => key.startsWith('new'))).toEqual([]);
});

test('a window closes within a batch, too, between readings that go to one pane', () => {
  const ward = stageWith();

  ward.pipe(
    aReading({ at: '10:00:00', heartRate: 80 }),
    aReading({ at: '10:06:05', heartRate: 70 }),
    aReading({ at: '10:06:10', heartRate: 71 }),
  );

  expect(ward.windows()).toMatchObject([{ windowStart: tenOClock, n: 1, closedBy: 'watermark' }]);
});
