import { z } from 'zod';
import { poolsSchema } from '../pools/pools-schema.ts';
import { schedulesSchema } from '../schedules/schedules-schema.ts';
import { sourcesSchema } from '../sources/sources-schema.ts';
import { templateSchema } from '../template/template-schema.ts';
import { workflowSchema } from '../workflow/workflow-schema.ts';

/** A JSON Schema (2020-12), as far as it is walked here. */
export interface JsonSchema {
  readonly type?: string;
  readonly description?: string;
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly default?: unknown;
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly required?: readonly string[];
  readonly items?: JsonSchema;
  readonly prefixItems?: readonly JsonSchema[];
  readonly additionalProperties?: JsonSchema | boolean;
  readonly anyOf?: readonly JsonSchema[];
  readonly oneOf?: readonly JsonSchema[];
}

const jsonSchemaOf = (schema: z.ZodType): JsonSchema => z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' }) as JsonSchema;

/** What an editor sees: a definition may stand on a template, which gives what else it would have to say. */
function workflowJsonSchema(): JsonSchema {
  const { properties = {}, ...schema } = jsonSchemaOf(workflowSchema);
  return {
    ...schema,
    properties: {
      ...properties,
      template: { type: 'string', description: 'Template of workflows/templates that gives the fields which are not here.' },
      with: { type: 'object', description: 'Parameters of the template.' },
    },
    required: ['name'],
    anyOf: [{ required: ['tasks'] }, { required: ['template'] }],
  };
}

/** The JSON Schemas of `workflows/schema`, by the name of their file. */
export const jsonSchemas = (): Readonly<Record<string, JsonSchema>> => ({
  workflow: workflowJsonSchema(),
  template: jsonSchemaOf(templateSchema),
  schedules: jsonSchemaOf(schedulesSchema),
  sources: jsonSchemaOf(sourcesSchema),
  pools: jsonSchemaOf(poolsSchema),
});
