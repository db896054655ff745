import { expect, test } from '@jest/globals';
import { aMessage, exampleMs } from '../../test-support/messages.ts';
import { isCritical } from './critical-limits.ts';
import { judgeMessage } from './judge-message.ts';
import type { JsonObject } from './read-message.ts';

const limits = { heart_rate: { low: 40, high: 200 }, systolic: { low: 70, high: 250 }, temperature_c: { low: 35, high: 43 } };

function critical(measurements: JsonObject, changes: JsonObject = {}): boolean {
  const judged = judgeMessage(aMessage({ measurements, ...changes }), { receivedAtMs: exampleMs, historicAfterMs: 900_000 });
  if (!judged.ok) throw new Error(judged.code);
  return isCritical(judged.reading, limits);
}

test('the documented example can wait', () => {
  expect(critical(aMessage()['measurements'] as JsonObject)).toBe(false);
});

test.each([
  [{ heart_rate: 39 }, true],
  [{ heart_rate: 40 }, false],
  [{ heart_rate: 201 }, true],
  [{ blood_pressure: { systolic: 69, diastolic: 40 } }, true],
  [{ temperature: 94 }, true],
  [{ respiratory_rate: 8 }, true],
  [{ respiratory_rate: 25 }, true],
  [{ respiratory_rate: 9 }, false],
  [{ oxygen_saturation: 91 }, true],
  [{ oxygen_saturation: 92 }, false],
  [{ heart_rate: 0 }, true],
  [{ heart_rate: 10 }, true],
  [{ respiratory_rate: 0 }, true],
  [{ blood_pressure: { diastolic: 30 } }, false],
])('%j: critical is %s', (measurements, expected) => {
  expect(critical(measurements)).toBe(expected);
});

test('a patient who is not alert is critical, history is not', () => {
  expect(critical({ heart_rate: 72 }, { consciousness: 'P' })).toBe(true);
  expect(critical({ heart_rate: 72 }, { consciousness: 'A' })).toBe(false);
  expect(critical({ heart_rate: 30 }, { timestamp: '2024-03-15T10:00:00Z' })).toBe(false);
});
