import { z } from 'zod';
import { defineRoutes } from '../route.ts';
import { bySchema, momentSchema, nameSchema, pageQuery } from '../schemas/common.ts';
import { filePageSchema, fileSchema, poolChangeSchema, poolListSchema, poolSchema } from '../schemas/place.ts';
import { backfillDetailSchema, backfillPageSchema, backfillSchema } from '../schemas/schedule.ts';

const backfillParams = z.strictObject({ backfillId: z.uuid() });

const act = <Action extends string>(action: Action, summary: string) =>
  ({
    method: 'post',
    path: `/v1/backfills/{backfillId}/${action}`,
    summary,
    params: backfillParams,
    body: bySchema,
    answers: { 200: backfillSchema },
    problems: [404, 409],
  }) as const;

/** Backfills, pools and files. */
export const placeRoutes = defineRoutes({
  listBackfills: {
    method: 'get',
    path: '/v1/backfills',
    summary: 'Backfills, latest first.',
    query: z.strictObject({ ...pageQuery, workflow: nameSchema.optional() }),
    answers: { 200: backfillPageSchema },
  },
  requestBackfill: {
    method: 'post',
    path: '/v1/backfills',
    summary: 'Runs a workflow for every time its schedule was due in a range, a few at once. Durable: it survives every restart.',
    body: bySchema.extend({
      workflow: nameSchema,
      from: momentSchema,
      until: momentSchema.meta({ description: 'Not included.' }),
      atOnce: z.int().min(1).max(1000).default(1),
    }),
    idempotent: true,
    answers: { 200: backfillSchema, 201: backfillSchema },
    problems: [404, 409, 422],
  },
  showBackfill: {
    method: 'get',
    path: '/v1/backfills/{backfillId}',
    summary: 'A backfill with its partitions.',
    params: backfillParams,
    answers: { 200: backfillDetailSchema },
    problems: [404],
  },
  pauseBackfill: act('pause', 'Starts no further partition; open runs go on.'),
  resumeBackfill: act('resume', 'Goes on.'),
  cancelBackfill: act('cancel', 'Starts no further partition and cancels the open runs.'),
  listPools: {
    method: 'get',
    path: '/v1/pools',
    summary: 'Pools of workers: what they have, who holds what of it, what waits.',
    answers: { 200: poolListSchema },
  },
  changePool: {
    method: 'put',
    path: '/v1/pools/{pool}',
    summary: 'Changes what a pool has, until an orchestrator starts: then pools.yaml counts. What is not named stays.',
    params: z.strictObject({ pool: nameSchema }),
    body: poolChangeSchema,
    answers: { 200: poolSchema },
    problems: [404],
  },
  listFiles: {
    method: 'get',
    path: '/v1/files',
    summary: 'The file ledger, latest first. Paths may hold patient data: files are named by id.',
    query: z.strictObject({ ...pageQuery, source: nameSchema.optional(), state: fileSchema.shape.state.optional() }),
    answers: { 200: filePageSchema },
  },
});
