import { z } from 'zod';
import { instantSchema, nameSchema, pageOf, runIdSchema, versionSchema } from './common.ts';

const scheduleKinds = ['cron', 'interval', 'continuous', 'event', 'file', 'upstream'] as const;

/** What starts runs of a workflow by itself. */
export const scheduleSchema = z
  .strictObject({
    scheduleId: z.string(),
    workflow: nameSchema,
    kind: z.enum(scheduleKinds),
    spec: z.record(z.string(), z.unknown()),
    enabled: z.boolean(),
    nextFireAt: instantSchema.nullable(),
    consideredUntil: instantSchema.meta({ description: 'Times up to here were decided about: catch-up begins here.' }),
    changedAt: instantSchema,
    changedBy: z.string(),
  })
  .meta({ id: 'Schedule' });
export const schedulePageSchema = pageOf(scheduleSchema);

/** What was decided about one time that a schedule was due. */
export const fireSchema = z
  .strictObject({
    scheduledFor: instantSchema,
    decision: z.enum(['started', 'queued', 'skipped-overlap', 'skipped-catch-up']),
    runId: runIdSchema.nullable(),
    firedAt: instantSchema,
  })
  .meta({ id: 'Fire' });
export const firePageSchema = pageOf(fireSchema);

const backfillShape = {
  backfillId: z.uuid(),
  workflow: nameSchema,
  version: versionSchema,
  from: instantSchema,
  until: instantSchema,
  atOnce: z.int().min(1),
  state: z.enum(['running', 'paused', 'done', 'cancelled']),
  requestedBy: z.string(),
  createdAt: instantSchema,
  parts: z
    .strictObject({ waiting: z.int(), started: z.int(), succeeded: z.int(), failed: z.int(), cancelled: z.int() })
    .meta({ description: 'Partitions by state.' }),
};

/** Runs for past times of a schedule: one partition a time. */
export const backfillSchema = z.strictObject(backfillShape).meta({ id: 'Backfill' });
export const backfillPageSchema = pageOf(backfillSchema);
export const backfillDetailSchema = z
  .strictObject({
    ...backfillShape,
    partitions: z.array(
      z.strictObject({
        scheduledFor: instantSchema,
        runId: runIdSchema.nullable(),
        state: z.enum(['waiting', 'started', 'succeeded', 'failed', 'cancelled']),
      }),
    ),
  })
  .meta({ id: 'BackfillDetail' });
