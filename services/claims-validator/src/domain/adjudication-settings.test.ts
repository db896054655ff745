import { expect, test } from '@jest/globals';
import { mostClaimCents } from '@vigil/contracts';
import { claimRulesOf, loadWorkflowDefinition } from '@vigil/definitions';
import { fileURLToPath } from 'node:url';
import { settings } from '../config.ts';
import { defaultAdjudicationSettings } from './adjudication-settings.ts';

const definition = fileURLToPath(new URL('../../../../workflows/definitions/claims_processing_workflow.yaml', import.meta.url));

test('the bound of amounts, which the de-identifier has, too, is that of the customer’s workflow', () => {
  const { amountCents, requiredFields } = claimRulesOf(loadWorkflowDefinition(definition));
  expect(amountCents).toEqual({ least: defaultAdjudicationSettings.leastCents, most: mostClaimCents });
  expect(defaultAdjudicationSettings).toMatchObject({ mostCents: mostClaimCents, requiredFields });
});

test('the other defaults are those of the service’s settings', () => {
  const { npiFirstDigits, secondPersonAboveCents } = settings.shape;
  expect([npiFirstDigits.schema.parse(undefined), secondPersonAboveCents.schema.parse(undefined)]).toEqual([
    defaultAdjudicationSettings.npiFirstDigits,
    defaultAdjudicationSettings.secondPersonAboveCents,
  ]);
});
