import { expect, test } from '@jest/globals';
import { compileReader, topics, wireHeaderBytes, type ReadingAccepted } from '@vigil/contracts';
import { acceptedReadings, expectedWindows, flushWindowStart, windowMs, type InputShape } from './accepted-readings.ts';

const schema = topics.vitalsReadingAccepted.schema;
const shape: InputShape = { records: 650, patients: 2, partitions: 4 };

function read(of: InputShape): ReadingAccepted[] {
  const decode = compileReader<ReadingAccepted>(schema, schema);
  return [...acceptedReadings(of, 1)].map(({ value }) => decode(value as Buffer, wireHeaderBytes));
}

const startOf = ({ observedAt }: ReadingAccepted): number => Math.floor(observedAt / windowMs) * windowMs;

test('the input is the same every time', () => {
  expect(read(shape)).toEqual(read(shape));
});

test('no reading is late: event time never goes back, within a patient it always goes on', () => {
  const last = new Map<string, number>();
  let newest = 0;
  for (const { patientToken, observedAt } of read(shape)) {
    expect(observedAt).toBeGreaterThanOrEqual(newest);
    expect(observedAt).toBeGreaterThan(last.get(patientToken) ?? 0);
    last.set(patientToken, observedAt);
    newest = observedAt;
  }
});

test.each([
  shape,
  { records: 600, patients: 2, partitions: 4 },
  { records: 5, patients: 9, partitions: 4 },
  { records: 601, patients: 2, partitions: 2 },
])('%o: windows are counted as the readings make them, and a flush reading of each patient ends them', (of) => {
  const readings = read(of);
  const before = flushWindowStart(of);
  const counted = readings.filter((reading) => startOf(reading) < before);
  expect(counted).toHaveLength(of.records);
  expect(new Set(counted.map((reading) => `${reading.patientToken} ${startOf(reading)}`)).size * 6).toBe(expectedWindows(of));
  expect(readings.slice(of.records).map(startOf)).toEqual(Array.from({ length: of.patients }, () => before));
});
