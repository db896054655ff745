// The values that the API's document allows, from the document itself.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

interface Parameter {
  readonly name: string;
  readonly schema: { readonly enum?: readonly string[] };
}

/** The OpenAPI document of the orchestrator. */
export const apiDocument = JSON.parse(
  readFileSync(join(import.meta.dirname, '../../../../docs/reference/orchestrator-api.openapi.json'), 'utf8'),
);

const filterOf = (wanted: string): readonly string[] =>
  (apiDocument.paths['/v1/runs'].get.parameters as Parameter[]).find(({ name }) => name === wanted)?.schema.enum ?? [];

export const runStatuses = filterOf('status');
export const runTriggers = filterOf('trigger');
export const taskStates = apiDocument.components.schemas.TaskRun.properties.state.enum as string[];
