import { z } from 'zod';
import { positiveDurationSchema } from '../duration.ts';
import { parseCron } from './cron-expression.ts';
import { nameSchema } from './name-schema.ts';

const isTimeZone = (name: string): boolean => {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions().timeZone !== '';
  } catch {
    return false;
  }
};

/** Name of a zone of the IANA time zone database. */
const timeZoneSchema = z
  .string()
  .refine(isTimeZone, { error: 'expected a time zone such as Europe/Berlin or UTC' })
  .meta({ description: 'Zone of the IANA database. Default UTC.' });

const dstSchema = z
  .strictObject({
    gap: z.enum(['shift', 'skip']).default('shift').meta({
      description: 'A time that the change to summer time leaves out: shift moves it by the length of the gap; skip leaves it out.',
    }),
    overlap: z.enum(['first', 'both']).default('first').meta({
      description: 'A time that comes twice in the change from summer time: first fires at the first of the two, both at both.',
    }),
  })
  .meta({ description: 'What becomes of times that the clock leaves out or repeats.' });

const catchUpSchema = z
  .union(
    [
      z.enum(['none', 'latest']),
      z.strictObject({
        all: z.strictObject({
          max: z.int().min(1).max(10_000).meta({ description: 'At most so many, the latest.' }),
          window: positiveDurationSchema.meta({ description: 'None older than this.' }),
        }),
      }),
    ],
    { error: 'expected none, latest, or all: {max: 10, window: 24h}' },
  )
  .meta({ description: 'Which of the times are made up for that passed while nothing could fire: down, disabled, edited or deployed.' });

const overlapSchema = z.enum(['skip', 'queue1', 'allow', 'cancel']).meta({
  description:
    'What a fire does while a run of the schedule is open: skip it; queue1: let one wait; allow both; cancel the open one and start.',
});

const named = { name: nameSchema.optional().meta({ description: 'Tells schedules of one workflow apart; default their type.' }) };
const timed = { ...named, catch_up: catchUpSchema.prefault('latest'), overlap: overlapSchema.default('skip') };
const triggered = { ...named, overlap: overlapSchema.default('queue1') };
const runStatuses = ['succeeded', 'failed', 'cancelled'] as const;

/** When a workflow runs. */
export const scheduleSchema = z.discriminatedUnion('type', [
  z.strictObject({
    ...named,
    type: z.literal('continuous'),
    interval: positiveDurationSchema.meta({ description: 'How often the health of the run is looked at.' }),
  }),
  z.strictObject({
    ...timed,
    type: z.literal('cron'),
    expression: z
      .string()
      .check((context) => {
        const parsed = parseCron(context.value);
        if (!parsed.ok) context.issues.push({ code: 'custom', input: context.value, message: parsed.message });
      })
      .meta({ description: 'Minute, hour, day of month, month, day of week.' }),
    timezone: timeZoneSchema.default('UTC'),
    dst: dstSchema.default({ gap: 'shift', overlap: 'first' }),
  }),
  z.strictObject({
    ...timed,
    type: z.literal('interval'),
    every: positiveDurationSchema.meta({ description: 'Time between two runs, counted from the epoch.' }),
  }),
  z.strictObject({
    ...triggered,
    type: z.literal('event'),
    topic: z.string().min(1).meta({ description: 'Topic whose records trigger a run.' }),
    filter: z
      .record(z.string(), z.union([z.string(), z.number(), z.boolean()]))
      .default({})
      .meta({ description: 'Fields of the record and the values that they must have; a.b for a field within a field.' }),
  }),
  z.strictObject({
    ...triggered,
    type: z.literal('file'),
    source: nameSchema.meta({ description: 'Source of workflows/sources.yaml.' }),
    pattern: z.string().min(1).meta({ description: 'Files that trigger a run: a glob.' }),
  }),
  z.strictObject({
    ...triggered,
    type: z.literal('upstream'),
    workflow: nameSchema.meta({ description: 'Workflow whose end triggers a run.' }),
    status: z.enum(runStatuses).default('succeeded').meta({ description: 'How it must have ended.' }),
  }),
  z.strictObject({ ...named, type: z.literal('manual') }),
]);

export type ScheduleDefinition = z.infer<typeof scheduleSchema>;
