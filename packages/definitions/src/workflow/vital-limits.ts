import type { TaskDefinition } from './task-schemas.ts';
import type { WorkflowDefinition } from './workflow-schema.ts';

/** Both ends still belong to the allowed range. */
export interface Limits {
  readonly low: number;
  readonly high: number;
}

/** Vitals by their code everywhere in Vigil; temperature in °C. */
export type VitalLimits = Readonly<Partial<Record<VitalName, Limits>>>;
type VitalName = 'heart_rate' | 'respiratory_rate' | 'oxygen_saturation' | 'temperature_c' | 'systolic' | 'diastolic';

const asWritten = (limits: Limits): Limits => limits;

/** The device message gives °F; Vigil stores °C, rounded as device-ingest rounds, so that a limit is met by the same reading after conversion. */
export const celsiusOf = (fahrenheit: number): number => Math.round((((fahrenheit - 32) * 5) / 9) * 1e9) / 1e9;
const inCelsius = ({ low, high }: Limits): Limits => ({ low: celsiusOf(low), high: celsiusOf(high) });

const meanings = {
  heart_rate: { vital: 'heart_rate', convert: asWritten },
  respiratory_rate: { vital: 'respiratory_rate', convert: asWritten },
  oxygen_saturation: { vital: 'oxygen_saturation', convert: asWritten },
  temperature: { vital: 'temperature_c', convert: inCelsius },
  blood_pressure_systolic: { vital: 'systolic', convert: asWritten },
  blood_pressure_diastolic: { vital: 'diastolic', convert: asWritten },
} as const satisfies Record<string, { vital: VitalName; convert: (limits: Limits) => Limits }>;

export const tasksOfType = <Type extends TaskDefinition['type']>(definition: WorkflowDefinition, type: Type) =>
  definition.tasks.filter((task): task is Extract<TaskDefinition, { type: Type }> => task.type === type);

/** The limits of the definition's `validation_rules`, by vital. A later rule for the same vital replaces an earlier one. */
export function vitalLimitsOf(definition: WorkflowDefinition): VitalLimits {
  const limits: Partial<Record<VitalName, Limits>> = {};
  const rules = tasksOfType(definition, 'streaming').flatMap((task) => task.validation_rules);
  for (const [name, [low, high]] of rules.flatMap((rule) => Object.entries(rule) as [keyof typeof meanings, [number, number]][])) {
    const { vital, convert } = meanings[name];
    limits[vital] = convert({ low, high });
  }
  return limits;
}
