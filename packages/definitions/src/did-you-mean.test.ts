import { expect, test } from '@jest/globals';
import { closestTo, didYouMean } from './did-you-mean.ts';

const names = ['heart_rate', 'temperature', 'blood_pressure_systolic'];

test.each([
  ['hart_rate', 'heart_rate'],
  ['haert_rate', 'heart_rate'],
  ['Temprature', 'temperature'],
  ['blood_pressure_sistolic', 'blood_pressure_systolic'],
  ['glucose', undefined],
  ['x', undefined],
])('%p was meant to be %p', (word, expected) => {
  expect(closestTo(word, names)).toBe(expected);
});

test('the end of a message names the likely word, else the choice, else nothing', () => {
  expect(didYouMean('hart_rate', names)).toBe('; did you mean heart_rate?');
  expect(didYouMean('glucose', names)).toBe('; expected one of heart_rate, temperature, blood_pressure_systolic');
  expect(didYouMean('glucose', [])).toBe('');
  expect(
    didYouMean(
      'glucose',
      Array.from({ length: 21 }, (_, at) => `v${at}`),
    ),
  ).toMatch(/v18, v19, …$/u);
});
