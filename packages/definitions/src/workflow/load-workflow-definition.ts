import { loadDefinition } from '../load-definition.ts';
import { workflowSchema, type WorkflowDefinition } from './workflow-schema.ts';

/** @throws VigilError BAD_DEFINITION that lists every problem with file, line and column */
export const loadWorkflowDefinition = (path: string): WorkflowDefinition => loadDefinition(path, workflowSchema);
