import { expect, test } from '@jest/globals';
import { aDataset, rules } from '../../test-support/samples.ts';
import { plans } from '../topology.ts';
import { handleRecord } from './handle-record.ts';

test('a record that no rule ties to a patient stops the start', () => {
  const [plan] = plans;
  const untied = { ...plan!, steps: plan!.steps.filter(({ rule }) => rule !== 'pseudonym') };
  const datasets = { current: aDataset(), previous: null, dualUntilMs: 0 };
  expect(() => handleRecord(untied, untied.target, { datasets, rules })).toThrow(/ReadingAccepted has no field with the rule pseudonym/);
});
