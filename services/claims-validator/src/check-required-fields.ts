import { VigilError } from '@vigil/core';
import { unknownRequiredFields, type WorkflowRules } from './domain/intake/workflow-problems.ts';

/**
 * Refuses to start with a workflow definition that requires what no claim can be asked for.
 * @throws VigilError BAD_DEFINITION that names every such field
 */
export function checkRequiredFields(workflow: string, rules: WorkflowRules): void {
  const unknown = unknownRequiredFields(rules);
  if (unknown.length > 0)
    throw new VigilError('BAD_DEFINITION', { detail: `${workflow}: required_fields knows no ${unknown.join(', ')}.` });
}
