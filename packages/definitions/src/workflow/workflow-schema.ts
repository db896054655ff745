import { z } from 'zod';
import { durationSchema, positiveDurationSchema } from '../duration.ts';
import { nameSchema } from './name-schema.ts';
import { scheduleSchema } from './schedule-schema.ts';
import { fallbackSchema, onFailureSchema } from './task-options.ts';
import { taskSchema } from './task-schemas.ts';
import { workflowProblemsOf } from './workflow-problems.ts';

/** More would make a run's state, which every step reads and writes, too large. */
const maxTasks = 1000;

const errorHandlingSchema = z.strictObject({
  retry_attempts: z.int().min(0).max(100).default(0).meta({ description: 'Attempts after the first.' }),
  retry_delay: durationSchema.prefault('0s').meta({ description: 'Wait before the second attempt.' }),
  fallback_action: fallbackSchema.optional(),
  on_failure: onFailureSchema.optional(),
});

export const parameterSchema = z.strictObject({
  type: z.enum(['string', 'number', 'boolean']),
  default: z.union([z.string(), z.number(), z.boolean()]).optional().meta({ description: 'Without it a run has to give the parameter.' }),
  description: z.string().optional(),
});

/** A workflow definition; durations are read as milliseconds. */
export const workflowSchema = z
  .strictObject({
    name: nameSchema.meta({ description: 'Name of the workflow.' }),
    description: z.string().default('').meta({ description: 'For people.' }),
    schedule: scheduleSchema.optional(),
    schedules: z.array(scheduleSchema).max(50).optional().meta({ description: 'Several instead of one.' }),
    dependencies: z.array(nameSchema).default([]).meta({
      description:
        'Workflows whose results this one needs: a run waits until none of their runs is open and the last one succeeded; of a continuous workflow, until its run is running.',
    }),
    parameters: z.record(nameSchema, parameterSchema).default({}).meta({ description: 'What a run may be given.' }),
    priority: z.int().min(0).max(9).default(5).meta({ description: 'Higher goes first; waiting raises it.' }),
    timeout: positiveDurationSchema.optional().meta({ description: 'Of the whole run.' }),
    tasks: z
      .array(taskSchema)
      .min(1)
      .max(maxTasks, { error: `a workflow has at most ${maxTasks} tasks; split it with tasks of type workflow` }),
    error_handling: errorHandlingSchema.prefault({}).meta({ description: 'Defaults of all tasks.' }),
  })
  .check((context) => {
    // Longer lists were refused already, and are not worth a look.
    if (context.value.tasks.length > maxTasks) return;
    for (const { path, message, key } of workflowProblemsOf(context.value)) {
      context.issues.push({
        code: 'custom',
        input: context.value,
        path: [...path],
        message,
        ...(key !== undefined && { params: { key } }),
      });
    }
  });

export type WorkflowDefinition = z.infer<typeof workflowSchema>;

/** Every schedule of a definition. */
export const schedulesOf = ({ schedule, schedules = [] }: WorkflowDefinition) => (schedule ? [schedule, ...schedules] : schedules);
