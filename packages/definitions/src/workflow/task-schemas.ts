import { z } from 'zod';
import { delaySchema, positiveDurationSchema } from '../duration.ts';
import { nameSchema } from './name-schema.ts';
import { oneRuleOf, rangeSchema } from './one-rule.ts';
import { commonTaskFields, fanOutSchema, retrySchema, workedTaskFields } from './task-options.ts';

export { nameSchema } from './name-schema.ts';

/** Limits of one vital sign in the unit of the device message: temperature in °F. */
const vitalRuleSchema = oneRuleOf({
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

const anomalyDelaySchema = oneRuleOf({ critical_anomaly: delaySchema, warning_anomaly: delaySchema });

const jsonSchema = z.json();
const parametersSchema = z.record(z.string(), jsonSchema).default({}).meta({ description: 'Given to the function or destination.' });

const functionSchema = nameSchema.meta({ description: 'What is done.' });

export const formatSchema = z
  .enum(['csv', 'json', 'ndjson', 'x12'])
  .meta({ description: 'Form of the files; without it that of the source.' });

export const skipLimitSchema = z
  .strictObject({
    count: z.int().min(0).optional().meta({ description: 'Records that may be bad.' }),
    ratio: z.number().min(0).max(1).optional().meta({ description: 'Share that may be bad, judged from 100 records on.' }),
  })
  .meta({ description: 'When a partition stops because too much of it is bad.' });

const qualityShape = z.strictObject({
  minimum_score: z.number().min(0).max(1).meta({ description: 'A score below it holds the load for a person.' }),
  columns: z.record(z.string(), z.number().min(0).max(1)).optional().meta({ description: 'Limits of single columns.' }),
  most_drift: z
    .number()
    .positive()
    .optional()
    .meta({ description: 'So many deviations (MAD) below the median of its last 30 a score may stand; without it any number.' }),
});

const qualitySchema = qualityShape.meta({ description: 'Limits of the quality score.' });

/** Of files, which are judged when they are read. */
export const fileQualitySchema = qualityShape
  .extend({
    timely_within: positiveDurationSchema.optional().meta({
      description:
        'A visit that is told later than so long after it came late. Counted from the time of the file; in a backfill from the time that it is for. Default 30d.',
    }),
  })
  .meta({ description: 'Limits of the quality score.' });

const worked = <Type extends string, Shape extends z.ZodRawShape>(type: Type, shape: Shape) =>
  z.strictObject({ ...workedTaskFields, type: z.literal(type), ...shape });

const batchShape = {
  source: nameSchema.meta({ description: 'Source of workflows/sources.yaml.' }),
  file_pattern: z.string().min(1).optional().meta({ description: 'Files of the source: a glob.' }),
  table: z.string().min(1).optional().meta({ description: 'Table or feed of the source.' }),
  snapshot: z
    .enum(['once', 'again'])
    .optional()
    .meta({ description: 'Of a followed table. again: where changes were lost, a new snapshot is taken, and what differs is published.' }),
  format: formatSchema.optional(),
  limits: z.strictObject({ skip_limit: skipLimitSchema.optional() }).optional().meta({ description: 'How much may be wrong.' }),
  quality: fileQualitySchema
    .optional()
    .meta({ description: 'Of files, instead of that of the source: one below it is not loaded before a person accepts it.' }),
  partitions: z.int().min(1).max(256).optional().meta({
    description:
      'How much is read at once. Of files: so many of them (16). Of a table of a source of kind sql: so many parts of it, each with a checkpoint of its own (1).',
  }),
  destination: z
    .string()
    .min(1)
    .optional()
    .meta({ description: 'Table that the rows of files go into; without it records go to the topic of their kind.' }),
  columns: z
    .record(z.string().min(1), z.string().min(1))
    .optional()
    .meta({ description: 'Column of the destination → column of the file. Without it all columns of the table, by their names.' }),
} as const;

/** The kinds of task that a workflow is made of. */
export const taskSchema = z.discriminatedUnion('type', [
  worked('streaming', { source: nameSchema, validation_rules: z.array(vitalRuleSchema).default([]) }),
  worked('transformation', {
    function: functionSchema.optional(),
    parameters: parametersSchema,
    enrichment_sources: z.array(nameSchema).default([]),
  }),
  worked('alerting', { conditions: z.array(anomalyDelaySchema).min(1) }),
  worked('storage', { destination: nameSchema, parameters: parametersSchema }),
  worked('batch', batchShape),
  worked('validation', { rules: z.array(claimRuleSchema).min(1).optional(), quality: qualitySchema.optional() }),
  worked('business_logic', { function: functionSchema, parameters: parametersSchema }),
  worked('output', { destination: nameSchema, parameters: parametersSchema }),
  z.strictObject({
    ...commonTaskFields,
    type: z.literal('workflow'),
    retry: retrySchema.optional(),
    fan_out: fanOutSchema.optional(),
    workflow: nameSchema.meta({ description: 'Workflow that is run.' }),
    parameters: parametersSchema,
  }),
  z.strictObject({
    ...commonTaskFields,
    type: z.literal('approval'),
    message: z.string().min(1).meta({ description: 'What the approver reads.' }),
    approvers: z.array(z.string().min(1)).min(1).meta({ description: 'Roles or people, one of whom must agree.' }),
  }),
  z.strictObject({
    ...commonTaskFields,
    type: z.literal('wait'),
    duration: positiveDurationSchema.optional().meta({ description: 'Length of the wait.' }),
    until: z.iso
      .datetime({ offset: true, error: 'expected a time with its zone such as 2026-11-26T06:00:00Z' })
      .optional()
      .meta({ description: 'End of the wait: a time with its zone such as 2026-11-26T06:00:00Z.' }),
  }),
]);

export type TaskDefinition = z.infer<typeof taskSchema>;
