import { z } from 'zod';
import { durationSchema, positiveDurationSchema } from '../duration.ts';
import { graphProblemsOf } from './task-graph.ts';
import { nameSchema, taskSchema } from './task-schemas.ts';

const cronField = String.raw`(?:\*|[A-Za-z0-9]+(?:-[A-Za-z0-9]+)?)(?:/\d+)?`;
const cronPattern = new RegExp(String.raw`^(?:${cronField}(?:,${cronField})*)(?:\s+${cronField}(?:,${cronField})*){4}$`);

const scheduleSchema = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('continuous'), interval: positiveDurationSchema }),
  z.strictObject({
    type: z.literal('cron'),
    expression: z.string().regex(cronPattern, { error: 'expected five cron fields such as "0 */4 * * *"' }),
  }),
]);

const errorHandlingSchema = z.strictObject({
  retry_attempts: z.int().min(0),
  retry_delay: durationSchema,
  fallback_action: z.enum(['quarantine_data', 'manual_review_queue']),
});

/** A workflow definition; durations are read as milliseconds. */
export const workflowSchema = z
  .strictObject({
    name: nameSchema,
    description: z.string(),
    schedule: scheduleSchema,
    dependencies: z.array(nameSchema),
    tasks: z.array(taskSchema).min(1),
    error_handling: errorHandlingSchema,
  })
  .check((context) => {
    for (const { path, message } of graphProblemsOf(context.value.tasks)) {
      context.issues.push({ code: 'custom', input: context.value, path: [...path], message });
    }
  });

export type WorkflowDefinition = z.infer<typeof workflowSchema>;
