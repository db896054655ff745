import { expect, test } from '@jest/globals';
import type { ReadingAccepted } from '@vigil/contracts';
import * as fc from 'fast-check';
import { latestOf, type LatestVitals } from './latest-vitals.ts';

const reading = fc.record({
  patientToken: fc.constantFrom('a', 'b'),
  observedAt: fc.integer({ min: 1, max: 5 }),
  receivedAt: fc.integer({ min: 1, max: 9 }),
  heartRate: fc.option(fc.integer({ min: 1, max: 99 })),
  systolic: fc.option(fc.integer({ min: 1, max: 99 })),
});
const whole = (values: object): ReadingAccepted =>
  ({ respiratoryRate: null, oxygenSaturation: null, temperatureC: null, diastolic: null, ...values }) as ReadingAccepted;

/** The specification, one vital at a time. */
function lastOf(readings: readonly ReadingAccepted[], token: string, field: 'heartRate' | 'systolic') {
  let last: { value: number; observedAt: number } | undefined;
  for (const { patientToken, observedAt, [field]: value } of readings) {
    if (patientToken === token && value !== null && observedAt >= (last?.observedAt ?? 0)) last = { value, observedAt };
  }
  return last;
}

test('each vital has its latest measurement, of two at one instant the later record', () => {
  fc.assert(
    fc.property(fc.array(reading), (values) => {
      const readings = values.map(whole);
      const latest = latestOf(readings);
      for (const token of ['a', 'b']) {
        const own = readings.filter(({ patientToken }) => patientToken === token);
        const expected: LatestVitals | undefined = own.length
          ? {
              patientToken: token,
              observedAt: Math.max(...own.map(({ observedAt }) => observedAt)),
              receivedAt: Math.max(...own.map(({ receivedAt }) => receivedAt)),
              vitals: expect.anything() as never,
            }
          : undefined;
        expect(latest.get(token)).toEqual(expected);
        expect(latest.get(token)?.vitals.heart_rate).toEqual(lastOf(readings, token, 'heartRate'));
        expect(latest.get(token)?.vitals.systolic).toEqual(lastOf(readings, token, 'systolic'));
      }
    }),
  );
});
