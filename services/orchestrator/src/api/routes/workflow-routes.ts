import { z } from 'zod';
import { defineRoutes } from '../route.ts';
import { bySchema, nameSchema, pageQuery, versionSchema } from '../schemas/common.ts';
import { firePageSchema, schedulePageSchema, scheduleSchema } from '../schemas/schedule.ts';
import { deploymentSchema, workflowDetailSchema, workflowPageSchema } from '../schemas/workflow.ts';

const workflowParams = z.strictObject({ workflow: nameSchema });
const scheduleParams = z.strictObject({ scheduleId: z.string().min(1).max(300) });
const textSchema = z.string().min(1).max(1_000_000);

/** Workflows: what is deployed, and what starts runs of it. */
export const workflowRoutes = defineRoutes({
  listWorkflows: {
    method: 'get',
    path: '/v1/workflows',
    summary: 'Deployed workflows by name.',
    query: z.strictObject(pageQuery),
    answers: { 200: workflowPageSchema },
  },
  showWorkflow: {
    method: 'get',
    path: '/v1/workflows/{workflow}',
    summary: 'A workflow with its text, tasks, versions and schedules.',
    params: workflowParams,
    query: z.strictObject({ version: z.coerce.number().pipe(versionSchema).optional() }),
    answers: { 200: workflowDetailSchema },
    problems: [404],
  },
  deployWorkflow: {
    method: 'post',
    path: '/v1/workflows',
    summary: 'Deploys a definition: a text that was deployed before changes nothing; runs keep the version they began with.',
    body: bySchema.extend({ text: textSchema.meta({ description: 'The definition, YAML.' }) }),
    answers: { 200: deploymentSchema, 201: deploymentSchema },
    problems: [422],
  },
  enableWorkflow: {
    method: 'post',
    path: '/v1/workflows/{workflow}/enable',
    summary: 'Lets its schedules start runs again; times that passed meanwhile are caught up as the schedule says.',
    params: workflowParams,
    body: bySchema,
    answers: { 200: workflowDetailSchema },
    problems: [404],
  },
  disableWorkflow: {
    method: 'post',
    path: '/v1/workflows/{workflow}/disable',
    summary: 'Its schedules start no run until it is enabled; runs that are open go on.',
    params: workflowParams,
    body: bySchema,
    answers: { 200: workflowDetailSchema },
    problems: [404],
  },
  listSchedules: {
    method: 'get',
    path: '/v1/schedules',
    summary: 'What starts runs by itself.',
    query: z.strictObject({ ...pageQuery, workflow: nameSchema.optional() }),
    answers: { 200: schedulePageSchema },
  },
  deploySchedules: {
    method: 'put',
    path: '/v1/schedules/{group}',
    summary: 'Deploys a file of schedules: those of its group that it does not name are removed.',
    params: z.strictObject({ group: nameSchema }),
    body: bySchema.extend({ text: textSchema.meta({ description: 'The schedules, YAML.' }) }),
    answers: { 200: z.strictObject({ schedules: z.array(z.string()) }) },
    problems: [404, 422],
  },
  enableSchedule: {
    method: 'post',
    path: '/v1/schedules/{scheduleId}/enable',
    summary: 'Lets a schedule start runs again; times that passed meanwhile are caught up as it says.',
    params: scheduleParams,
    body: bySchema,
    answers: { 200: scheduleSchema },
    problems: [404],
  },
  disableSchedule: {
    method: 'post',
    path: '/v1/schedules/{scheduleId}/disable',
    summary: 'The schedule starts no run until it is enabled.',
    params: scheduleParams,
    body: bySchema,
    answers: { 200: scheduleSchema },
    problems: [404],
  },
  listFires: {
    method: 'get',
    path: '/v1/schedules/{scheduleId}/fires',
    summary: 'What was decided each time the schedule was due, latest first.',
    params: scheduleParams,
    query: z.strictObject(pageQuery),
    answers: { 200: firePageSchema },
    problems: [404],
  },
});
