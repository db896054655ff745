import { fileURLToPath } from 'node:url';
import { defineSettings, keySettings, path, serviceSettings, setting } from '@vigil/runtime';

export const defaultWorkflowsDir = fileURLToPath(new URL('../../../workflows', import.meta.url));

/** Settings of claims-validator: both of its stages. */
export const settings = defineSettings('claims-validator', {
  ...serviceSettings,
  ...keySettings,
  workflowsDir: setting({
    env: 'VIGIL_WORKFLOWS_DIR',
    schema: path().optional(),
    doc: 'directory of the workflow definitions, without it workflows/ of the repository; definitions/claims_processing_workflow.yaml tells required fields, range of amounts and form of dates.',
  }),
});
