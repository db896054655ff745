import { z } from 'zod';
import { durationSchema, positiveDurationSchema } from '../duration.ts';
import { oneOrMore } from '../one-or-more.ts';
import { sizeMiBSchema } from '../size.ts';
import { conditionSchema } from './condition.ts';
import { nameSchema } from './name-schema.ts';

/** Classes of failure, as the error catalogue knows them. */
const failureClasses = ['poison', 'transient', 'dependency', 'auth', 'config', 'fenced', 'fatal', 'usage'] as const;

const fallbackActions = ['quarantine_data', 'manual_review_queue'] as const;
export const fallbackSchema = z.enum(fallbackActions).meta({ description: 'What becomes of the data of a task that failed for good.' });

export const onFailureSchema = z.enum(['fail', 'continue', 'skip']).meta({
  description:
    'fail: the run fails; continue: tasks behind it run as if it had succeeded without a result; skip: tasks behind it are skipped.',
});

/** Pools of workers; each has a topic of requests, a consumer group and a principal of its own. */
export const poolNames = ['default', 'batch', 'stream'] as const;
export const poolSchema = z.enum(poolNames).meta({ description: 'Pool of workers; without it the one of the task’s type and function.' });

const attemptsSchema = z.int().min(0).max(100).meta({ description: 'Attempts after the first.' });
const retryDelaySchema = durationSchema.meta({ description: 'Wait before the second attempt.' });

export const retrySchema = z
  .strictObject({
    attempts: attemptsSchema.optional(),
    delay: retryDelaySchema.optional(),
    backoff: z
      .enum(['fixed', 'exponential'])
      .optional()
      .meta({ description: 'exponential: each wait is twice the one before. Default fixed.' }),
    max_delay: durationSchema.optional().meta({ description: 'No wait is longer. Default 1h, or delay where that is longer.' }),
    jitter: z
      .number()
      .min(0)
      .max(1)
      .optional()
      .meta({ description: 'Share of the wait that may be taken off, by a hash of run, task, part and attempt. Default 0.' }),
    on: z
      .array(z.enum(failureClasses))
      .min(1)
      .optional()
      .meta({ description: 'Classes of failure that are tried again. Default transient, dependency, fenced, fatal.' }),
  })
  .meta({ description: 'When and how often an attempt that failed is made again; what is left out comes from error_handling.' });

const partCountSchema = z.int().min(1).max(1000).meta({ description: 'So many parts, keyed "0", "1", …' });
const partValuesSchema = z.array(z.string().min(1)).min(1).max(1000).meta({ description: 'One part for each of these texts.' });
const partSourceSchema = z
  .string()
  .regex(/^[a-z][a-z0-9_]*\.[A-Za-z_]\w*$/, { error: 'expected a task and a field of its result, such as list_files.files' })
  .meta({ description: 'task.field: one part for each text of that list in the result of a task that this one depends on.' });

export const fanOutSchema = z
  .strictObject({ partitions: partCountSchema, values: partValuesSchema, from: partSourceSchema })
  .partial()
  .check((context) => {
    const ways = Object.keys(context.value).length;
    if (ways !== 1 && context.issues.length === 0) {
      context.issues.push({
        code: 'custom',
        input: context.value,
        message: `expected one of partitions, values and from, found ${ways}`,
      });
    }
  })
  .meta({ description: 'Runs the task in parts that are independent attempts with retries of their own.' });

const weightSchema = z
  .strictObject({
    slots: z.int().min(1).max(1000).default(1).meta({ description: 'Slots of the pool.' }),
    cpu: z.number().min(0).max(1_000_000).default(0).meta({ description: 'Processors.' }),
    memory: sizeMiBSchema.prefault('0MiB').meta({ description: 'Memory, such as 512MiB.' }),
    io: z.number().min(0).max(1_000_000_000).default(0).meta({ description: 'Share of the pool’s I/O, in the unit of pools.yaml.' }),
  })
  .meta({ description: 'What an attempt takes of its pool.' });

/** What every task has. */
export const commonTaskFields = {
  name: nameSchema.meta({ description: 'Name of the task, unique within the workflow.' }),
  description: z.string().optional().meta({ description: 'For people.' }),
  depends_on: z.array(nameSchema).default([]).meta({ description: 'Tasks that come before.' }),
  when: oneOrMore(conditionSchema).optional().meta({ description: 'Condition, or list of them; all must hold, else the task is skipped.' }),
  timeout: positiveDurationSchema.optional().meta({ description: 'Of one attempt; of an approval: until when it must have come.' }),
  on_failure: onFailureSchema.optional(),
} as const;

/** What a task has that a worker runs. */
export const workedTaskFields = {
  ...commonTaskFields,
  retry: retrySchema.optional(),
  fallback_action: fallbackSchema.optional(),
  fan_out: fanOutSchema.optional(),
  pool: poolSchema.optional(),
  weight: weightSchema.optional(),
} as const;
