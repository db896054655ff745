import { expect, test } from '@jest/globals';
import { claimRulesOf, loadWorkflowDefinition } from '@vigil/definitions';
import { join } from 'node:path';
import { checkRequiredFields } from './check-required-fields.ts';
import { defaultWorkflowsDir } from './config.ts';

test('the customer’s definition can be asked of claims; one with a field that claims do not have is refused by name', () => {
  const rules = claimRulesOf(loadWorkflowDefinition(join(defaultWorkflowsDir, 'definitions', 'claims_processing_workflow.yaml')));

  expect(() => checkRequiredFields('w', rules)).not.toThrow();
  expect(() => checkRequiredFields('w', { ...rules, requiredFields: ['claim_id', 'shoe_size'] })).toThrow(
    /w: required_fields knows no shoe_size/,
  );
});
