/** A vital sign as every topic and table names it. */
export type Vital = 'heart_rate' | 'respiratory_rate' | 'oxygen_saturation' | 'temperature_c' | 'systolic' | 'diastolic';

/** Both ends belong to the range. */
export interface Range {
  readonly low: number;
  readonly high: number;
}

/**
 * What can be a measurement at all, in stored units (/min, %, °C, mm[Hg]). These are not alarm limits: a value inside may
 * be deadly, one outside is an artefact or a technical alarm and is kept as `excluded`.
 *
 * @see docs/architecture.md, "Plausibility is not an alarm limit"; MIMIC-III numerics: 0 = signal off
 */
export const plausibleRanges: Readonly<Record<Vital, Range>> = {
  heart_rate: { low: 20, high: 300 },
  respiratory_rate: { low: 3, high: 70 },
  oxygen_saturation: { low: 50, high: 100 },
  temperature_c: { low: 25, high: 45 },
  systolic: { low: 40, high: 300 },
  diastolic: { low: 20, high: 200 },
};

export const isPlausible = (vital: Vital, value: number): boolean =>
  value >= plausibleRanges[vital].low && value <= plausibleRanges[vital].high;

/** Limits of a workflow definition by vital, in stored units. */
export type VitalLimits = Readonly<Partial<Record<Vital, Range>>>;

/**
 * A limit outside plausibility could never raise its alarm: the value would be excluded before it is compared.
 *
 * @returns one sentence per limit that lies outside, none where all can fire
 */
export function limitsOutsidePlausibility(limits: VitalLimits): readonly string[] {
  return (Object.entries(limits) as [Vital, Range][]).flatMap(([vital, limit]) =>
    [limit.low, limit.high]
      .filter((value) => !isPlausible(vital, value))
      .map((value) => {
        const { low, high } = plausibleRanges[vital];
        return `${vital}: the limit ${value} lies outside the plausible range ${low} to ${high}, so its alarm could never fire.`;
      }),
  );
}
