import { fileURLToPath } from 'node:url';
import { expect, test } from '@jest/globals';
import { claimRulesOf } from './claim-rules.ts';
import { loadWorkflowDefinition } from './load-workflow-definition.ts';

const fileOf = (name: string): string => fileURLToPath(new URL(`../../../../workflows/definitions/${name}`, import.meta.url));

test('the customer’s claims definition gives required fields, the range in cents and the form of dates', () => {
  expect(claimRulesOf(loadWorkflowDefinition(fileOf('claims_processing_workflow.yaml')))).toEqual({
    requiredFields: ['claim_id', 'patient_id', 'service_date'],
    amountCents: { least: 0, most: 5_000_000 },
    dateFormat: 'YYYY-MM-DD',
  });
});

test('a definition that cannot judge claims names all it lacks', () => {
  const monitoring = loadWorkflowDefinition(fileOf('patient_monitoring_workflow.yaml'));

  expect(() => claimRulesOf(monitoring)).toThrow(/patient_monitoring_workflow lacks required_fields, amount_range, date_format/u);
});

test('a range with cents is met to the cent', () => {
  const definition = loadWorkflowDefinition(fileOf('claims_processing_workflow.yaml'));
  const tasks = definition.tasks.map((task) =>
    task.type === 'validation' ? { ...task, rules: [...(task.rules ?? []), { amount_range: [0.01, 19.99] as [number, number] }] } : task,
  );

  expect(claimRulesOf({ ...definition, tasks }).amountCents).toEqual({ least: 1, most: 1999 });
});
