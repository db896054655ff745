import { expect, test } from '@jest/globals';
import { createWard } from './ward.ts';

const startMs = Date.parse('2026-03-01T10:00:00Z');
const wardOf = (seed: number) => createWard({ seed, patients: 20, name: 'T' });
const rounds = (seed: number, count: number) => {
  const ward = wardOf(seed);
  return Array.from({ length: count }, (_, index) => ward.round(startMs + index * 1000)).flat();
};
const parsed = (value: Buffer) =>
  JSON.parse(value.toString()) as {
    timestamp: string;
    device_id: string;
    sequence: number;
    device_status: string;
    measurements: { heart_rate: number; oxygen_saturation?: number };
  };

test('the same seed gives the same ward, byte for byte', () => {
  expect(rounds(7, 30)).toEqual(rounds(7, 30));
  expect(rounds(7, 30)).not.toEqual(rounds(8, 30));
});

test('a ward repeats itself, sends rubbish and sends out of order', () => {
  const messages = rounds(1, 200);
  const sequences = messages
    .filter(({ key, kind }) => kind === 'reading' && key.endsWith('_001'))
    .map(({ value }) => parsed(value).sequence);

  expect(new Set(messages.map(({ kind }) => kind))).toEqual(new Set(['reading', 'duplicate', 'malformed']));
  expect(sequences).not.toEqual(sequences.toSorted((a, b) => a - b));
});

test('nothing is sent twice but duplicates, and a held back reading is sent at last', () => {
  const sequences = rounds(3, 300)
    .filter(({ kind, key }) => kind === 'reading' && key.endsWith('_005'))
    .map(({ value }) => parsed(value).sequence)
    .toSorted((a, b) => a - b);

  expect(new Set(sequences).size).toBe(sequences.length);
  expect(sequences.length).toBeGreaterThanOrEqual(299);
});

test('the third monitor has a fast clock and no other', () => {
  const history = wardOf(1).history(startMs, startMs + 1000, 1000);
  const ahead = history.filter(({ value }) => Date.parse(parsed(value).timestamp) !== startMs).map(({ key }) => key);

  expect(ahead).toEqual(['MONITOR_T_003']);
});

test('history covers the time it was asked for', () => {
  expect(wardOf(1).history(startMs, startMs + 60_000, 10_000)).toHaveLength(6 * 20);
});

test('a deteriorating patient breaks the limits within the rounds given', () => {
  const ward = wardOf(2);
  ward.deteriorate(4, 10);
  const last = Array.from({ length: 20 }, (_, index) => ward.round(startMs + index * 1000))
    .flat()
    .findLast(({ key, kind }) => key.endsWith('_005') && kind === 'reading');

  expect(parsed(last!.value).measurements.heart_rate).toBeGreaterThan(130);
});

test('a lead that fell off says so and reads zero', () => {
  const ward = wardOf(2);
  ward.dropLead(1);
  const readings = ward.round(startMs).filter(({ key, kind }) => key.endsWith('_002') && kind === 'reading');

  expect(readings.map(({ value }) => parsed(value).measurements.heart_rate)).toEqual([0]);
  expect(parsed(readings[0]!.value).device_status).toBe('LEAD_OFF');
});

test('a patient that is not there is an error that says how many there are', () => {
  expect(() => wardOf(1).deteriorate(99, 1)).toThrow('The ward has 20 patients; there is no patient 99.');
});

test('the registry names every patient once', () => {
  const ward = wardOf(1);

  expect(ward.registry.map(({ key }) => key)).toEqual(ward.patientIds);
  expect(new Set(ward.patientIds).size).toBe(20);
});
