import { z } from 'zod';
import { nameSchema } from '../workflow/name-schema.ts';
import { parameterSchema } from '../workflow/workflow-schema.ts';

/** A file of `workflows/templates`: a workflow with `${name}` where a definition fills something in. */
export const templateSchema = z.strictObject({
  description: z.string().default('').meta({ description: 'For people.' }),
  parameters: z.record(nameSchema, parameterSchema).default({}).meta({ description: 'What a definition gives under with.' }),
  workflow: z.record(z.string(), z.json()).meta({
    description:
      'Fields of a workflow definition. A value "${name}" becomes the parameter, in its type; "${name}" within a text its letters.',
  }),
});

export type Template = z.infer<typeof templateSchema>;
