import { z } from 'zod';
import { nameSchema } from '../workflow/name-schema.ts';
import { scheduleSchema } from '../workflow/schedule-schema.ts';

const entrySchema = z.strictObject({
  name: nameSchema.meta({ description: 'Name of the schedule; its id is workflow/name.' }),
  description: z.string().optional().meta({ description: 'For people.' }),
  workflow: nameSchema.meta({ description: 'Workflow that it runs.' }),
  enabled: z.boolean().default(true).meta({ description: 'Whether it counts when it is deployed for the first time.' }),
  schedule: scheduleSchema,
  parameters: z
    .record(nameSchema, z.union([z.string(), z.number(), z.boolean()]))
    .default({})
    .meta({ description: 'Parameters of its runs.' }),
});

/** `workflows/schedules/*.yaml`: schedules that live outside a definition. */
export const schedulesSchema = z.strictObject({ schedules: z.array(entrySchema).max(1000) }).check((context) => {
  const seen = new Set<string>();
  for (const [at, { name, workflow }] of context.value.schedules.entries()) {
    const id = `${workflow}/${name}`;
    if (seen.has(id)) {
      context.issues.push({
        code: 'custom',
        input: context.value,
        path: ['schedules', at, 'name'],
        message: `another schedule of ${workflow} is already named ${name}`,
      });
    }
    seen.add(id);
  }
});

export type SchedulesFile = z.infer<typeof schedulesSchema>;
export type NamedSchedule = SchedulesFile['schedules'][number];
