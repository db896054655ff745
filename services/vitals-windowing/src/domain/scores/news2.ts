/** What a National Early Warning Score is made of; absent (null) = not measured. */
export interface News2Input {
  /** Breaths per minute. */
  readonly respiratoryRate: number | null;
  /** SpO2 in percent. */
  readonly oxygenSaturation: number | null;
  /** Whether the patient receives oxygen. */
  readonly supplementalOxygen: boolean | null;
  /** mm[Hg]. */
  readonly systolic: number | null;
  /** Pulse per minute. */
  readonly pulse: number | null;
  /** ACVPU: A, C, V, P or U. */
  readonly consciousness: string | null;
  /** °C. */
  readonly temperatureC: number | null;
}

const news2Parameters = [
  'respiratory_rate',
  'oxygen_saturation',
  'supplemental_oxygen',
  'systolic',
  'heart_rate',
  'consciousness',
  'temperature_c',
] as const;
export type News2Parameter = (typeof news2Parameters)[number];

/** `partial`: a lower bound of the full score, never to be shown as one; `missing` says what it lacks. */
export interface News2Score {
  readonly kind: 'full' | 'partial';
  /** 0 to 20. */
  readonly score: number;
  /** Whether a single parameter scored 3: at least low-medium risk, an urgent ward review. */
  readonly singleThree: boolean;
  readonly missing: readonly News2Parameter[];
}

/** Scale 2 is for confirmed hypercapnic respiratory failure with a target of 88–92 %, prescribed by a clinician. */
export type OxygenScale = 1 | 2;

/** Points of a value: pairs of a band's upper end (inclusive) and its points, ascending, and the points above them all. */
interface Bands {
  readonly pairs: readonly number[];
  readonly above: number;
}

const respiratoryBands: Bands = { pairs: [8, 3, 11, 1, 20, 0, 24, 2], above: 3 };
const saturationBands: Bands = { pairs: [91, 3, 93, 2, 95, 1], above: 0 };
const saturationOnAirScale2: Bands = { pairs: [83, 3, 85, 2, 87, 1], above: 0 };
const saturationOnOxygenScale2: Bands = { pairs: [83, 3, 85, 2, 87, 1, 92, 0, 94, 1, 96, 2], above: 3 };
const systolicBands: Bands = { pairs: [90, 3, 100, 2, 110, 1, 219, 0], above: 3 };
const pulseBands: Bands = { pairs: [40, 3, 50, 1, 90, 0, 110, 1, 130, 2], above: 3 };
const temperatureBands: Bands = { pairs: [35, 3, 36, 1, 38, 0, 39, 1], above: 2 };

/**
 * The chart's bands join at its own precision (whole numbers, tenths of a degree): a value between two bands is rounded
 * to it first, half up, as it would be written on the chart.
 */
const wholeNumber = (value: number): number => Math.round(value);
const tenth = (value: number): number => Math.round(value * 10) / 10;

function pointsIn({ pairs, above }: Bands, value: number): number {
  for (let index = 0; index < pairs.length; index += 2) if (value <= (pairs[index] as number)) return pairs[index + 1] as number;
  return above;
}

function saturationPoints(saturation: number, onOxygen: boolean, scale: OxygenScale): number {
  if (scale === 1) return pointsIn(saturationBands, saturation);
  return pointsIn(onOxygen ? saturationOnOxygenScale2 : saturationOnAirScale2, saturation);
}

/**
 * National Early Warning Score 2. For patients of 16 years and over who are not pregnant: callers refuse others first.
 *
 * @see Royal College of Physicians, National Early Warning Score (NEWS) 2, 2017
 */
export function scoreNews2(input: News2Input, scale: OxygenScale = 1): News2Score {
  const { respiratoryRate, oxygenSaturation, supplementalOxygen, systolic, pulse, consciousness, temperatureC } = input;
  let score = 0;
  let singleThree = false;
  let missing: News2Parameter[] | null = null;
  const add = (parameter: News2Parameter, points: number | null): void => {
    if (points === null) return void (missing ??= []).push(parameter);
    score += points;
    if (points === 3) singleThree = true;
  };
  add('respiratory_rate', respiratoryRate === null ? null : pointsIn(respiratoryBands, wholeNumber(respiratoryRate)));
  add(
    'oxygen_saturation',
    oxygenSaturation === null ? null : saturationPoints(wholeNumber(oxygenSaturation), supplementalOxygen === true, scale),
  );
  add('supplemental_oxygen', supplementalOxygen === null ? null : supplementalOxygen ? 2 : 0);
  add('systolic', systolic === null ? null : pointsIn(systolicBands, wholeNumber(systolic)));
  add('heart_rate', pulse === null ? null : pointsIn(pulseBands, wholeNumber(pulse)));
  add('consciousness', consciousness === null ? null : consciousness === 'A' ? 0 : 3);
  add('temperature_c', temperatureC === null ? null : pointsIn(temperatureBands, tenth(temperatureC)));
  return missing === null ? { kind: 'full', score, singleThree, missing: [] } : { kind: 'partial', score, singleThree, missing };
}
