import { expect, test } from '@jest/globals';
import type { RecordedStay } from '../datasets/index.ts';
import { createRecordedPhysiology } from './recorded-physiology.ts';
import { createSeededRandom } from './seeded-random.ts';
import { createWard } from './ward.ts';

const row = (heartRate: number | null, temperature: number | null): RecordedStay['messages'][number] => ({
  message_id: 'm',
  device_id: 'd',
  patient_id: 'p',
  timestamp: '2026-01-01T00:00:00Z',
  measurements: {
    heart_rate: heartRate,
    respiratory_rate: 16,
    oxygen_saturation: 97,
    temperature,
    blood_pressure: { systolic: 120, diastolic: 80 },
  },
  units: { temperature: 'Cel' },
  device_status: 'NORMAL',
  device_class: 'bedside-monitor',
  location: { hospital: 'h', ward: 'w', room: 'r' },
});
const stay = (...messages: RecordedStay['messages']): RecordedStay => ({ patientId: 'P1', messages, sepsis: [] });

test('a recording is shown row by row, in °F, and begins again at its end', () => {
  const body = createRecordedPhysiology(stay(row(70, 37), row(null, null)), createSeededRandom(1));

  expect([body.step(), body.step(), body.step()].map(({ heartRate, temperatureF }) => [heartRate, temperatureF])).toEqual([
    [70, 98.6],
    [null, null],
    [70, 98.6],
  ]);
});

test('a deterioration leaves the recording', () => {
  const body = createRecordedPhysiology(stay(row(70, 37)), createSeededRandom(1));
  body.deteriorate(3);
  const last = Array.from({ length: 6 }, () => body.step()).at(-1);

  expect(last?.heartRate).toBeGreaterThan(130);
});

test('an empty recording is an error that names it', () => {
  expect(() => createRecordedPhysiology(stay(), createSeededRandom(1))).toThrow('The recording P1 has no rows.');
});

test('the monitors of a ward show the recordings in turn', () => {
  const ward = createWard({ seed: 1, patients: 4, name: 'R', stays: [stay(row(61, 37)), stay(row(62, 37))] });
  const rates = ward
    .history(0, 1000, 1000)
    .map(({ value }) => (JSON.parse(value.toString()) as { measurements: { heart_rate: number } }).measurements.heart_rate);

  expect(rates).toEqual([61, 62, 61, 62]);
});
