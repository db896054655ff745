import { z } from 'zod';
import { countsSchema, instantSchema, nameSchema, pageOf, runIdSchema, versionSchema } from './common.ts';

export const runStatuses = ['waiting', 'running', 'paused', 'cancelling', 'succeeded', 'failed', 'cancelled'] as const;
export const runTriggers = [
  'cron',
  'interval',
  'continuous',
  'event',
  'file',
  'upstream',
  'manual',
  'api',
  'backfill',
  'workflow',
] as const;
export const taskStates = [
  'waiting',
  'queued',
  'requested',
  'running',
  'backing-off',
  'stopping',
  'held',
  'succeeded',
  'failed',
  'fell-back',
  'skipped',
  'cancelled',
] as const;

const runShape = {
  runId: runIdSchema,
  workflow: nameSchema,
  version: versionSchema,
  status: z.enum(runStatuses),
  trigger: z.enum(runTriggers),
  scheduleId: z.string().nullable(),
  scheduledFor: instantSchema.nullable(),
  batchId: z.string().meta({ description: 'Value of the header vigil-batch-id of all that the run starts.' }),
  parentRunId: runIdSchema.nullable(),
  parentTask: z.string().nullable(),
  priority: z.int(),
  reason: z.string().nullable().meta({ description: 'Why it ended or stands still.' }),
  requestedBy: z.string(),
  createdAt: instantSchema,
  startedAt: instantSchema.nullable(),
  endedAt: instantSchema.nullable(),
};

/** A run as lists show it. */
export const runSchema = z.strictObject(runShape).meta({ id: 'Run' });

const taskErrorSchema = z
  .strictObject({ code: z.string(), kind: z.string(), detail: z.string() })
  .meta({ id: 'TaskError', description: 'code: of the error catalogue, or UNKNOWN.' });

/** A part of a task: one row unless the task is fanned out. */
export const taskRunSchema = z
  .strictObject({
    task: z.string(),
    part: z.int().min(0),
    partKey: z.string(),
    type: z.string(),
    pool: z.string().nullable(),
    state: z.enum(taskStates),
    attempt: z.int().min(0),
    blockedReason: z.string().nullable(),
    blockedBy: z.string().nullable().meta({ description: 'What holds what it waits for.' }),
    worker: z.string().nullable(),
    health: z.string().nullable(),
    counts: countsSchema,
    error: taskErrorSchema.nullable(),
    childRunId: runIdSchema.nullable(),
    queuedAt: instantSchema.nullable(),
    startedAt: instantSchema.nullable(),
    endedAt: instantSchema.nullable(),
  })
  .meta({ id: 'TaskRun' });

/** A run with its tasks. */
export const runDetailSchema = z
  .strictObject({
    ...runShape,
    parameters: z.record(z.string(), z.unknown()),
    triggerDetail: z.record(z.string(), z.unknown()),
    tasks: z.array(taskRunSchema),
  })
  .meta({ id: 'RunDetail' });

export const runPageSchema = pageOf(runSchema);

/** A run and all that it started, directly or not; a run stands behind the one that started it. */
export const runTreeSchema = z
  .strictObject({
    runs: z.array(
      z
        .strictObject({ ...runShape, depth: z.int().min(0), tasks: z.array(taskRunSchema) })
        .meta({ id: 'TreeRun', description: 'depth: 0 for the run that was asked for.' }),
    ),
  })
  .meta({ id: 'RunTree' });

/** One input of a run's history. */
const runEventSchema = z
  .strictObject({
    seq: z.int().min(0),
    at: instantSchema,
    version: versionSchema,
    kind: z.string(),
    input: z.record(z.string(), z.unknown()),
    ignored: z.string().nullable().meta({ description: 'Why it changed nothing; null = it counted.' }),
  })
  .meta({ id: 'RunEvent' });
export const runEventPageSchema = pageOf(runEventSchema);

/** Why a task is not running, in one sentence. */
export const whySchema = z
  .strictObject({
    runId: runIdSchema,
    status: z.enum(runStatuses),
    waiting: z.array(
      z.strictObject({ task: z.string(), part: z.int().min(0), state: z.enum(taskStates), reason: z.string(), sentence: z.string() }),
    ),
    sentence: z.string().nullable().meta({ description: 'Why the run itself waits; null where only its tasks do.' }),
  })
  .meta({ id: 'Why' });
