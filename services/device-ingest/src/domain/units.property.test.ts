import { expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { celsiusOfFahrenheit, conversionOf, fahrenheitOfCelsius } from './units.ts';

const number = (min: number, max: number) => fc.double({ min, max, noNaN: true });

test('the fixed points of both scales', () => {
  expect([32, 98.6, 100.4, 212, -40].map(celsiusOfFahrenheit)).toEqual([0, 37, 38, 100, -40]);
  expect([0, 37, 38, 100, -40].map(fahrenheitOfCelsius)).toEqual([32, 98.6, 100.4, 212, -40]);
});

test('there and back again is the same temperature', () => {
  fc.assert(fc.property(number(-100, 300), (value) => expect(fahrenheitOfCelsius(celsiusOfFahrenheit(value))).toBeCloseTo(value, 7)));
});

test('a warmer °F is never a colder °C, and rounding stays below a billionth', () => {
  fc.assert(
    fc.property(number(-100, 300), number(-100, 300), (left, right) => {
      const [low, high] = left < right ? [left, right] : [right, left];
      expect(celsiusOfFahrenheit(low)).toBeLessThanOrEqual(celsiusOfFahrenheit(high));
      expect(Math.abs(celsiusOfFahrenheit(low) - ((low - 32) * 5) / 9)).toBeLessThan(1e-9);
    }),
  );
});

test('each unit in use converts to the stored one', () => {
  expect(conversionOf('temperature', 'Cel')?.(37)).toBe(37);
  expect(conversionOf('temperature', '[degF]')?.(98.6)).toBe(37);
  expect(conversionOf('oxygen_saturation', '1')?.(0.98)).toBe(98);
  expect(conversionOf('blood_pressure', 'kPa')?.(16)).toBeCloseTo(120.00985, 5);
  expect(conversionOf('heart_rate', 'bpm')?.(72)).toBe(72);
});

test('no unit means the documented one, an unknown unit none', () => {
  for (const none of [undefined, null, '']) expect(conversionOf('temperature', none)?.(98.6)).toBe(37);
  expect(conversionOf('heart_rate', undefined)?.(72)).toBe(72);
  expect(conversionOf('temperature', 'K')).toBeUndefined();
  expect(conversionOf('temperature', 7)).toBeUndefined();
  expect(conversionOf('heart_rate', 'constructor')).toBeUndefined();
});
