/**
 * Units of the device message and their conversion to the stored ones (°C, %, mm[Hg], /min).
 *
 * @see UCUM, https://ucum.org/ucum: `Cel`, `[degF]`, `%`, `mm[Hg]`, `/min`
 */

type Conversion = (value: number) => number;

/** Takes binary noise off: 98.6 °F is 37 °C, not 36.99999999999999; what remains differs by less than 1e-9. */
const tidy = (value: number): number => Math.round(value * 1e9) / 1e9;

export const celsiusOfFahrenheit: Conversion = (fahrenheit) => tidy(((fahrenheit - 32) * 5) / 9);
export const fahrenheitOfCelsius: Conversion = (celsius) => tidy((celsius * 9) / 5 + 32);

const same: Conversion = (value) => value;
const percentOfFraction: Conversion = (fraction) => tidy(fraction * 100);
/** 1 kPa = 7.500617 mm[Hg] (1 mm[Hg] = 133.322387415 Pa). */
const mmHgOfKilopascal: Conversion = (kilopascal) => tidy(kilopascal / 0.133322387415);

/** Spellings that devices use, with what turns the value into the stored unit. */
const temperature = new Map<string, Conversion>([
  ['Cel', same],
  ['°C', same],
  ['C', same],
  ['[degF]', celsiusOfFahrenheit],
  ['°F', celsiusOfFahrenheit],
  ['F', celsiusOfFahrenheit],
]);
const rate = new Map<string, Conversion>([
  ['/min', same],
  ['{beats}/min', same],
  ['{breaths}/min', same],
  ['bpm', same],
]);
const saturation = new Map<string, Conversion>([
  ['%', same],
  ['1', percentOfFraction],
]);
const pressure = new Map<string, Conversion>([
  ['mm[Hg]', same],
  ['mmHg', same],
  ['kPa', mmHgOfKilopascal],
]);

/** Names of the measurements as `units` names them. */
export type Measurement = 'heart_rate' | 'respiratory_rate' | 'oxygen_saturation' | 'temperature' | 'blood_pressure';

const conversions: Readonly<Record<Measurement, ReadonlyMap<string, Conversion>>> = {
  heart_rate: rate,
  respiratory_rate: rate,
  oxygen_saturation: saturation,
  temperature,
  blood_pressure: pressure,
};

/** The unit of a measurement that the message names none for: the customer's devices send °F. */
const documented: Readonly<Record<Measurement, Conversion>> = {
  heart_rate: same,
  respiratory_rate: same,
  oxygen_saturation: same,
  temperature: celsiusOfFahrenheit,
  blood_pressure: same,
};

/** What turns a measurement into the stored unit; undefined where the message names a unit that nobody knows. */
export function conversionOf(measurement: Measurement, unit: unknown): Conversion | undefined {
  if (unit === undefined || unit === null || unit === '') return documented[measurement];
  return typeof unit === 'string' ? conversions[measurement].get(unit) : undefined;
}
