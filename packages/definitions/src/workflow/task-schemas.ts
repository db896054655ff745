import { z } from 'zod';
import { delaySchema, positiveDurationSchema } from '../duration.ts';
import { oneRuleOf, rangeSchema } from './one-rule.ts';

/** Names of workflows, tasks, sources and functions: lower case, digits and underscores. */
export const nameSchema = z.string().regex(/^[a-z][a-z0-9_]*$/, { error: 'expected a name of lower-case letters, digits and underscores' });

/** Limits of one vital sign in the unit of the device message: temperature in °F. */
export const vitalRuleSchema = oneRuleOf({
  heart_rate: rangeSchema,
  respiratory_rate: rangeSchema,
  oxygen_saturation: rangeSchema,
  temperature: rangeSchema,
  blood_pressure_systolic: rangeSchema,
  blood_pressure_diastolic: rangeSchema,
});

const claimRuleSchema = oneRuleOf({
  required_fields: z.array(nameSchema).min(1),
  amount_range: rangeSchema,
  date_format: z.enum(['YYYY-MM-DD']),
});

const conditionSchema = oneRuleOf({ critical_anomaly: delaySchema, warning_anomaly: delaySchema });

const common = { name: nameSchema, depends_on: z.array(nameSchema).default([]) };

const task = <Type extends string, Shape extends z.ZodRawShape>(type: Type, shape: Shape) =>
  z.strictObject({ ...common, type: z.literal(type), ...shape });

/** The kinds of task that a workflow is made of. */
export const taskSchema = z.discriminatedUnion('type', [
  task('streaming', { source: nameSchema, validation_rules: z.array(vitalRuleSchema).default([]) }),
  task('transformation', {
    function: nameSchema.optional(),
    parameters: z.strictObject({ threshold: z.number().positive(), window_size: positiveDurationSchema }).partial().default({}),
    enrichment_sources: z.array(nameSchema).default([]),
  }),
  task('alerting', { conditions: z.array(conditionSchema).min(1) }),
  task('storage', { destination: nameSchema }),
  task('batch', { source: nameSchema, file_pattern: z.string().min(1) }),
  task('validation', { rules: z.array(claimRuleSchema).min(1) }),
  task('business_logic', { function: nameSchema }),
  task('output', { destination: nameSchema }),
]);

export type TaskDefinition = z.infer<typeof taskSchema>;
