import { jsonSchemas } from './json-schemas.ts';
import { workflowReference } from './workflow-reference.ts';

/** Files that follow from the schemas of definitions: JSON Schemas for editors, and the page for people. */
export const generateDefinitionsReference = (): { readonly path: string; readonly text: string }[] => [
  ...Object.entries(jsonSchemas()).map(([name, schema]) => ({
    path: `workflows/schema/${name}.schema.json`,
    text: `${JSON.stringify(schema, null, 2)}\n`,
  })),
  { path: 'docs/reference/workflow-definition.md', text: workflowReference() },
];
