import { z } from 'zod';
import { countsSchema, instantSchema, nameSchema, pageOf, runIdSchema } from './common.ts';

const weightShape = { slots: z.int().min(0), cpu: z.number().min(0), memoryMiB: z.int().min(0), io: z.number().min(0) };

/** A pool of workers: what it has, what is taken of it and by whom, what waits for it. */
export const poolSchema = z
  .strictObject({
    pool: nameSchema,
    capacity: z.strictObject(weightShape),
    taken: z.strictObject(weightShape),
    queued: z.int().min(0),
    holders: z.array(
      z.strictObject({
        runId: runIdSchema,
        workflow: nameSchema,
        task: z.string(),
        part: z.int().min(0),
        ...weightShape,
        takenAt: instantSchema,
        leaseUntil: instantSchema.nullable(),
        worker: z.string().nullable(),
      }),
    ),
  })
  .meta({ id: 'Pool' });
export const poolListSchema = z.strictObject({ items: z.array(poolSchema) });
export const poolChangeSchema = z.strictObject({
  slots: z.int().min(1).max(100_000).optional(),
  cpu: z.number().positive().max(1_000_000).optional(),
  memoryMiB: z.int().min(1).max(1_000_000_000).optional(),
  io: z.number().positive().max(1_000_000_000).optional(),
});

/** A file of the ledger. Its path may hold patient data and is not shown. */
export const fileSchema = z
  .strictObject({
    fileId: z.uuid(),
    source: nameSchema,
    revision: z.int().min(1),
    bytes: z.int().min(0),
    state: z.enum(['DISCOVERED', 'STABLE', 'CLAIMED', 'STAGED', 'VERIFIED', 'LOADED', 'ARCHIVED', 'QUARANTINED', 'DUPLICATE']),
    attempt: z.int().min(0),
    runId: runIdSchema.nullable(),
    duplicateOf: z.uuid().nullable(),
    records: countsSchema.meta({ description: 'expected, read, ok and rejected, as far as they are known.' }),
    errorCode: z.string().nullable(),
    score: z.number().nullable(),
    foundAt: instantSchema,
    changedAt: instantSchema,
  })
  .meta({ id: 'File' });
export const filePageSchema = pageOf(fileSchema);

/** One change of the stream `GET /v1/stream`, as the `data` of its event. */
export const changeSchema = z
  .strictObject({
    runId: runIdSchema,
    workflow: nameSchema,
    seq: z.int().min(0),
    at: instantSchema,
    kind: z.string().meta({ description: 'What happened to the run: the kind of its input.' }),
    task: z.string().nullable(),
    part: z.int().min(0).nullable(),
    status: z.string().meta({ description: 'Of the run now.' }),
    state: z.string().nullable().meta({ description: 'Of the task now.' }),
  })
  .meta({ id: 'Change' });
