import { fileURLToPath } from 'node:url';
import { defineSettings, integer, keySettings, path, serviceSettings, setting, text } from '@vigil/runtime';

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
  npiFirstDigits: setting({
    env: 'VIGIL_NPI_FIRST_DIGITS',
    schema: text({ max: 10 }).regex(/^\d+$/, 'is not made of digits').describe('digits').default('12'),
    doc: 'first digits that a National Provider Identifier may have: 12 are real ones, 1289 also takes the synthetic ones of CMS.',
  }),
  secondPersonAboveCents: setting({
    env: 'VIGIL_REVIEW_SECOND_PERSON_CENTS',
    schema: integer({ min: 0, max: 999_999_999_999 }).default(1_000_000),
    doc: 'charge above which a claim in review is decided by two people, where its plan says nothing; vigil claims review reads the same setting.',
  }),
});
