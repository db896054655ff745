import { expect, test } from '@jest/globals';
import { topics, type AlertRaised, type ReadingAccepted, type WindowClosed } from '@vigil/contracts';
import { drive } from '@vigil/testing';
import { aReading, healthy, tenOClock } from '../test-support/a-reading.ts';
import { rulesWith } from '../test-support/test-rules.ts';
import { createTopology } from './topology.ts';

const piped = (...readings: readonly ReadingAccepted[]) =>
  readings.map((value) => ({ key: value.patientToken, value, timestamp: value.receivedAt }));

test('on the engine: readings become windows and alerts, late ones the late topic, and the ledger balances', async () => {
  const ward = drive(createTopology(rulesWith()), { startMs: tenOClock });

  await ward.pipe(topics.patientChanged, {
    key: 't1.patient-a',
    value: { patientToken: 't1.patient-a', birthDate: -10_000, sex: 'female', zip: null, changedAt: 0 },
  });
  await ward.pipe(
    topics.vitalsReadingAccepted,
    ...piped(aReading({ ...healthy }), aReading({ at: '10:01:00', ...healthy, heartRate: 30 })),
  );
  await ward.restart();
  await ward.pipe(
    topics.vitalsReadingAccepted,
    ...piped(aReading({ at: '10:07:00', ...healthy }), aReading({ at: '10:02:00', ...healthy })),
  );

  expect(ward.read<AlertRaised>(topics.alertRaised)).toMatchObject([{ change: 'raised', rule: 'limit-low', flags: [] }]);
  expect(ward.read<ReadingAccepted>(topics.vitalsReadingLate)).toHaveLength(1);
  const heartRates = ward.read<WindowClosed>(topics.vitalsWindowClosed).filter(({ vital }) => vital === 'heart_rate');
  expect(heartRates).toMatchObject([
    { revision: 0, n: 2, closedBy: 'watermark' },
    { revision: 1, n: 3, closedBy: 'correction' },
  ]);
  const sum = (of: (row: ReturnType<typeof ward.ledger>[number]) => number): number =>
    ward.ledger().reduce((total, row) => total + of(row), 0);
  expect(sum(({ consumed }) => consumed)).toBe(5);
  expect(sum(({ processed }) => processed)).toBe(4);
  expect([sum(({ late }) => late), sum(({ lateCorrected }) => lateCorrected)]).toEqual([1, 1]);
});

test('on the engine: idle windows close after a restart too, and the count of open patients ends at zero', async () => {
  const counts: number[] = [];
  const alerts: string[] = [];
  const observer = {
    windowOpened: () => void counts.push(-1),
    windowsCounted: (_partition: number, patients: number) => void counts.push(patients),
    alertChanged: ({ rule }: { rule: string }) => void alerts.push(rule),
  };
  const ward = drive(createTopology(rulesWith(), observer), { startMs: tenOClock });

  await ward.pipe(topics.vitalsReadingAccepted, ...piped(aReading({ ...healthy })));
  await ward.restart();
  await ward.advance(7 * 60_000);

  expect(ward.read<WindowClosed>(topics.vitalsWindowClosed)).toHaveLength(6);
  expect(ward.read<WindowClosed>(topics.vitalsWindowClosed)[0]).toMatchObject({ closedBy: 'idle' });
  expect(alerts).toEqual(['silent']);
  expect(counts[0]).toBe(-1);
  expect(counts).toContain(1);
  expect(counts.at(-1)).toBe(0);
});
