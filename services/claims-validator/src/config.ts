import { fileURLToPath } from 'node:url';
import { defineSettings, keySettings, oneOf, path, reviewSettings, runSettings, serviceSettings, setting, text } from '@vigil/runtime';

export const defaultWorkflowsDir = fileURLToPath(new URL('../../../workflows', import.meta.url));

/** Settings of claims-validator: both of its stages. */
export const settings = defineSettings(
  'claims-validator',
  {
    ...serviceSettings,
    ...keySettings,
    ...runSettings,
    runStage: setting({
      env: 'VIGIL_RUN_STAGE',
      schema: oneOf(['claims-validator-intake', 'claims-validator-adjudicate']).optional(),
      doc: 'with VIGIL_RUN_ID: which of the two stages runs beside its live one; alone, it is the only one that this process runs.',
    }),
    workflowsDir: setting({
      env: 'VIGIL_WORKFLOWS_DIR',
      schema: path().optional(),
      doc: 'directory of the workflow definitions, without it workflows/ of the repository; definitions/claims_processing_workflow.yaml tells required fields, range of amounts and form of dates.',
    }),
    npiFirstDigits: setting({
      env: 'VIGIL_NPI_FIRST_DIGITS',
      schema: text({ max: 10 }).regex(/^\d+$/, 'is not made of digits').describe('digits').default('12'),
      doc: 'first digits that a National Provider Identifier may have: 12 are real ones, 1289 also takes the synthetic ones of CMS.',
    }),
    ...reviewSettings,
  },
  [
    {
      settings: ['runId', 'runStage'],
      holds: ({ runId, runStage }) => runId === undefined || runStage !== undefined,
      problem: 'belong together: a run is one of one stage',
      action: 'Name the stage that runs beside its live one.',
    },
  ],
);
