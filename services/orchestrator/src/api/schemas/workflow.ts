import { z } from 'zod';
import { instantSchema, nameSchema, pageOf, versionSchema } from './common.ts';
import { scheduleSchema } from './schedule.ts';

const workflowShape = {
  workflow: nameSchema,
  version: versionSchema.meta({ description: 'The version that new runs begin with.' }),
  enabled: z.boolean(),
  changedAt: instantSchema,
  changedBy: z.string(),
};

/** A workflow as lists show it. */
export const workflowSchema = z
  .strictObject({
    ...workflowShape,
    openRuns: z.int().min(0),
    lastRun: z.strictObject({ runId: z.uuid(), status: z.string(), endedAt: instantSchema.nullable() }).nullable(),
    nextFireAt: instantSchema.nullable(),
  })
  .meta({ id: 'Workflow' });

/** A deployed version; it never changes. */
const deployedVersionSchema = z
  .strictObject({ version: versionSchema, sha256: z.string(), deployedAt: instantSchema, deployedBy: z.string() })
  .meta({ id: 'DeployedVersion' });

/** A task as its definition plans it. */
const plannedTaskSchema = z
  .strictObject({ name: z.string(), type: z.string(), pool: z.string().nullable(), dependsOn: z.array(z.string()) })
  .meta({ id: 'PlannedTask' });

/** A workflow with the text that it was deployed from. */
export const workflowDetailSchema = z
  .strictObject({
    ...workflowShape,
    description: z.string(),
    shown: versionSchema.meta({ description: 'The version that text and tasks are of.' }),
    text: z.string().meta({ description: 'The definition, YAML, as it was deployed.' }),
    tasks: z.array(plannedTaskSchema),
    versions: z.array(deployedVersionSchema),
    schedules: z.array(scheduleSchema),
  })
  .meta({ id: 'WorkflowDetail' });

export const workflowPageSchema = pageOf(workflowSchema);

/** What a deployment did. */
export const deploymentSchema = z
  .strictObject({
    workflow: nameSchema,
    version: versionSchema,
    sha256: z.string(),
    outcome: z.enum(['created', 'returned', 'unchanged']).meta({
      description: 'returned: an older version that is in force again; unchanged: it was in force.',
    }),
    schedules: z.array(z.string()).meta({ description: 'Ids of the schedules that the workflow has now.' }),
  })
  .meta({ id: 'Deployment' });
