import type { SeededRandom } from './seeded-random.ts';

/** Vital signs in the units of the device message: temperature in °F. `null` = not measured. */
export interface Vitals {
  readonly heartRate: number | null;
  readonly respiratoryRate: number | null;
  readonly oxygenSaturation: number | null;
  readonly temperatureF: number | null;
  readonly systolic: number | null;
  readonly diastolic: number | null;
}

/** Vitals of a simulated body: always measured. */
export type SimulatedVitals = { readonly [Name in keyof Vitals]: number };

/** One patient's body: values drift around a baseline and return to it; a deteriorating one walks to a septic picture. */
export interface Physiology<Measured extends Vitals = Vitals> {
  step(): Measured;
  /** From now on the patient gets worse, over about `steps` steps. */
  deteriorate(steps: number): void;
}

const vitalNames = ['heartRate', 'respiratoryRate', 'oxygenSaturation', 'temperatureF', 'systolic', 'diastolic'] as const;
type VitalName = (typeof vitalNames)[number];

const typical: Record<VitalName, { readonly mean: number; readonly between: number; readonly noise: number }> = {
  heartRate: { mean: 76, between: 5, noise: 1 },
  respiratoryRate: { mean: 16, between: 1, noise: 0.4 },
  oxygenSaturation: { mean: 97.5, between: 0.4, noise: 0.2 },
  temperatureF: { mean: 98.4, between: 0.3, noise: 0.03 },
  systolic: { mean: 124, between: 5, noise: 1.2 },
  diastolic: { mean: 78, between: 4, noise: 0.9 },
};

/** Scores NEWS2 ≥ 7 and breaks the limits of the workflow definition. */
const septic: Record<VitalName, number> = {
  heartRate: 142,
  respiratoryRate: 31,
  oxygenSaturation: 83,
  temperatureF: 103.1,
  systolic: 84,
  diastolic: 46,
};

const returnRate = 0.1;

export function createPhysiology(random: SeededRandom): Physiology<SimulatedVitals> {
  const target = {} as Record<VitalName, number>;
  const value = {} as Record<VitalName, number>;
  for (const name of vitalNames) {
    target[name] = typical[name].mean + random.normal() * typical[name].between;
    value[name] = target[name];
  }
  let remaining = 0;

  const advance = (name: VitalName): void => {
    if (remaining > 0) target[name] += (septic[name] - target[name]) / remaining;
    const pull = remaining > 0 ? 1 : returnRate;
    value[name] += (target[name] - value[name]) * pull + random.normal() * typical[name].noise * (1 - returnRate) * 0.5;
  };
  return {
    deteriorate: (steps) => {
      remaining = Math.max(1, steps);
    },
    step: () => {
      for (const name of vitalNames) advance(name);
      if (remaining > 1) remaining -= 1;
      return {
        heartRate: Math.round(value.heartRate),
        respiratoryRate: Math.round(value.respiratoryRate),
        oxygenSaturation: Math.min(100, Math.round(value.oxygenSaturation)),
        temperatureF: Math.round(value.temperatureF * 10) / 10,
        systolic: Math.round(value.systolic),
        diastolic: Math.round(Math.min(value.diastolic, value.systolic - 12)),
      };
    },
  };
}
