import { z } from 'zod';
import { defineRoutes } from '../route.ts';
import { bySchema, momentSchema, nameSchema, pageQuery, parametersSchema, runIdSchema, versionSchema } from '../schemas/common.ts';
import {
  runDetailSchema,
  runEventPageSchema,
  runPageSchema,
  runSchema,
  runStatuses,
  runTreeSchema,
  runTriggers,
  whySchema,
} from '../schemas/run.ts';

const runParams = z.strictObject({ runId: runIdSchema });

const act = <Action extends string, Body extends z.ZodType>(action: Action, summary: string, body: Body) =>
  ({
    method: 'post',
    path: `/v1/runs/{runId}/${action}`,
    summary,
    params: runParams,
    body,
    answers: { 200: runSchema },
    problems: [404, 409],
  }) as const;

/** Runs: what happened, what happens, and what a person asks of it. */
export const runRoutes = defineRoutes({
  listRuns: {
    method: 'get',
    path: '/v1/runs',
    summary: 'Runs, latest first.',
    query: z.strictObject({
      ...pageQuery,
      workflow: nameSchema.optional(),
      status: z
        .enum([...runStatuses, 'open'])
        .optional()
        .meta({ description: 'open = not ended.' }),
      trigger: z.enum(runTriggers).optional(),
      scheduleId: z.string().max(300).optional(),
      parentRunId: runIdSchema.optional(),
      since: momentSchema.optional().meta({ description: 'Created at this time or later.' }),
    }),
    answers: { 200: runPageSchema },
  },
  requestRun: {
    method: 'post',
    path: '/v1/runs',
    summary: 'Starts a run. With the same Idempotency-Key and body it answers the run of the first call.',
    body: bySchema.extend({
      workflow: nameSchema,
      parameters: parametersSchema.default({}),
      priority: z.int().min(0).max(9).optional(),
      trigger: z.enum(['manual', 'api']).default('api'),
      scheduledFor: momentSchema.optional().meta({ description: 'The time that the run is about.' }),
    }),
    idempotent: true,
    answers: { 200: runSchema, 201: runSchema },
    problems: [404, 409, 422],
  },
  showRun: {
    method: 'get',
    path: '/v1/runs/{runId}',
    summary: 'A run with its tasks.',
    params: runParams,
    answers: { 200: runDetailSchema },
    problems: [404],
  },
  showTree: {
    method: 'get',
    path: '/v1/runs/{runId}/tree',
    summary: 'A run and all that it started.',
    params: runParams,
    answers: { 200: runTreeSchema },
    problems: [404],
  },
  listEvents: {
    method: 'get',
    path: '/v1/runs/{runId}/events',
    summary: 'The history of a run, oldest first: reducing it again gives its state.',
    params: runParams,
    query: z.strictObject(pageQuery),
    answers: { 200: runEventPageSchema },
    problems: [404],
  },
  explainRun: {
    method: 'get',
    path: '/v1/runs/{runId}/why',
    summary: 'One sentence for each task that is not running, with what holds it.',
    params: runParams,
    answers: { 200: whySchema },
    problems: [404],
  },
  pauseRun: act('pause', 'No further task starts; what runs goes on.', bySchema),
  resumeRun: act('resume', 'Goes on.', bySchema),
  cancelRun: act('cancel', 'Ends it; workers are told to stop.', bySchema),
  retryRun: act(
    'retry',
    'Runs a task and all behind it again; without a task those that failed.',
    bySchema.extend({ task: z.string().min(1).max(128).optional() }),
  ),
  moveRun: act(
    'move',
    'Fix and resume: goes on under another version, from what did not succeed.',
    bySchema.extend({ version: versionSchema.optional().meta({ description: 'Without it the present one.' }) }),
  ),
  decideApproval: {
    method: 'post',
    path: '/v1/runs/{runId}/approvals/{task}',
    summary: 'Approves or declines what a task asks; only its approvers may.',
    params: runParams.extend({ task: z.string().min(1).max(128) }),
    body: bySchema.extend({ decision: z.enum(['approved', 'declined']) }),
    answers: { 200: runSchema },
    problems: [404, 409],
  },
});
