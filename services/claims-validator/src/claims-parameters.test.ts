import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { topics, type ClaimSubmitted } from '@vigil/contracts';
import { claimRulesOf, parseDefinition, workflowSchema } from '@vigil/definitions';
import { drive, type TopologyDriver } from '@vigil/testing';
import { aParsedClaim } from '../test-support/parsed-claims.ts';
import { aClaim, aMember } from '../test-support/adjudicate-records.ts';
import { claimRecord, loadReference } from '../test-support/adjudicate-rig.ts';
import { intakeRules } from '../test-support/intake.ts';
import { createAdjudicateTopology } from './adjudicate-topology.ts';
import { checkRequiredFields } from './check-required-fields.ts';
import { claimsWorkflow, type ChangingWorkflow } from './claims-parameters.ts';
import { defaultWorkflowsDir } from './config.ts';
import { defaultAdjudicationSettings } from './domain/adjudication-settings.ts';
import { createIntakeTopology } from './intake-topology.ts';

const customers = readFileSync(join(defaultWorkflowsDir, 'definitions', `${claimsWorkflow}.yaml`), 'utf8');
const lower = customers.replace('amount_range: [0, 50000]', 'amount_range: [0, 100]');

function changing(): ChangingWorkflow & { readonly told: string[] } {
  const told: string[] = [];
  return {
    told,
    rulesOf(text) {
      const rules = claimRulesOf(parseDefinition(text, claimsWorkflow, workflowSchema));
      checkRequiredFields(claimsWorkflow, rules);
      return rules;
    },
    observer: { inForce: (version) => void told.push(`in force ${version}`), refused: (version) => void told.push(`refused ${version}`) },
  };
}

const deploy = (driver: TopologyDriver, version: number, definition: string) =>
  driver.pipe(topics.parametersChanged, {
    key: `${claimsWorkflow}|${version}`,
    value: { workflow: claimsWorkflow, version, sha256: '', definition, deployedAt: 0, deployedBy: 'test', inForceFrom: {} },
  });

test('intake holds a claim against the version in force when it reads it', async () => {
  const source = changing();
  const driver = drive(createIntakeTopology(intakeRules(), source));
  const submit = (claimId: string) => driver.pipe(topics.claimReceived, { key: claimId, value: JSON.stringify(aParsedClaim({ claimId })) });
  await submit('C1');
  await deploy(driver, 1, lower);
  await submit('C2');
  await deploy(driver, 2, customers.replace('patient_id', 'shoe_size'));
  await submit('C3');

  const codes = driver
    .read<ClaimSubmitted>(topics.claimSubmitted)
    .map(({ claimId, problems }) => [claimId, ...new Set(problems.map(({ code }) => code))]);
  expect(codes).toEqual([['C1'], ['C2', 'AMOUNT_RANGE'], ['C3', 'AMOUNT_RANGE']]);
  expect(source.told).toEqual(['in force 1', 'refused 2']);
});

test('adjudication pays a claim by the version in force, and asks a person about the same amount by the next', async () => {
  const driver = drive(createAdjudicateTopology(defaultAdjudicationSettings, changing()));
  await loadReference(driver);
  await driver.pipe(topics.memberChanged, { key: 'member', value: aMember() });
  await driver.pipe(topics.claimSubmitted, claimRecord(aClaim({ claimId: 'C1' })));
  await deploy(driver, 1, lower);
  await driver.pipe(
    topics.claimSubmitted,
    claimRecord(
      aClaim({ claimId: 'C2', serviceFrom: (aClaim().serviceFrom as number) + 1, serviceTo: (aClaim().serviceTo as number) + 1 }),
    ),
  );

  expect(driver.read(topics.claimAdjudicated).map(({ claimId, outcome }) => `${claimId} ${outcome}`)).toEqual(['C1 paid', 'C2 pended']);
});
