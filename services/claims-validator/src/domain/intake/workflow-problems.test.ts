import { expect, test } from '@jest/globals';
import { aParsedClaim, aPerson } from '../../../test-support/parsed-claims.ts';
import { aLine } from '../../../test-support/records.ts';
import { problemsOf, unknownRequiredFields, type WorkflowRules } from './workflow-problems.ts';

const rules: WorkflowRules = { requiredFields: ['claim_id', 'patient_id', 'service_date'], amountCents: { least: 0, most: 5_000_000 } };
const problems = (change: Parameters<typeof aParsedClaim>[0], asked: WorkflowRules = rules): string[] =>
  problemsOf(aParsedClaim(change), asked).map(({ level, code, field, line }) => `${level} ${code} ${field} ${line}`);

test('a claim that keeps the workflow’s rules has no problem', () => {
  expect(problems({})).toEqual([]);
});

test.each<[string, Parameters<typeof aParsedClaim>[0], string[]]>([
  ['no patient', { patient: aPerson({ id: '' }) }, ['workflow REQUIRED_FIELD patient_id 0']],
  ['no day of service', { serviceFrom: null }, ['workflow REQUIRED_FIELD service_date 0']],
  ['the least amount', { totalCents: 0, lines: [] }, []],
  ['the greatest amount: 50,000.00', { totalCents: 5_000_000, lines: [aLine({ chargeCents: 5_000_000 })] }, []],
  ['a cent more', { totalCents: 5_000_001 }, ['workflow AMOUNT_RANGE total_amount 0']],
  ['a negative total', { totalCents: -1 }, ['workflow AMOUNT_RANGE total_amount 0']],
  [
    'a negative line in a total that is in range',
    { lines: [aLine({ chargeCents: 16_000 }), aLine({ line: 2, chargeCents: -1000 })] },
    ['workflow AMOUNT_RANGE amount 2'],
  ],
  [
    '1e9 dollars',
    { totalCents: 100_000_000_000, lines: [aLine({ chargeCents: 100_000_000_000 })] },
    ['workflow AMOUNT_RANGE total_amount 0', 'workflow AMOUNT_RANGE amount 1'],
  ],
  ['a missing policy, which this workflow does not require', { policyNumber: '' }, []],
])('%s', (_what, change, expected) => {
  expect(problems(change)).toEqual(expected);
});

test('a day that is there and cannot be read is not missing as well', () => {
  expect(problems({ serviceFrom: null, problems: [{ level: 'workflow', code: 'DATE_FORMAT', field: 'service_date', line: 0 }] })).toEqual([
    'workflow DATE_FORMAT service_date 0',
  ]);
});

test('what the reader found is not found twice', () => {
  expect(problems({ totalCents: -1, problems: [{ level: 'workflow', code: 'AMOUNT_RANGE', field: 'total_amount', line: 0 }] })).toEqual([
    'workflow AMOUNT_RANGE total_amount 0',
  ]);
});

test.each<[string, Parameters<typeof aParsedClaim>[0]]>([
  ['claim_id', { claimId: '' }],
  ['provider_id', { providerId: '' }],
  ['policy_number', { policyNumber: '' }],
  ['group_number', { groupNumber: '' }],
  ['prior_authorization', {}],
  ['diagnosis_codes', {}],
  ['services', { lines: [] }],
])('a definition may require %s', (field, change) => {
  expect(problems(change, { ...rules, requiredFields: [field] })).toEqual([`workflow REQUIRED_FIELD ${field} 0`]);
});

test('what no claim can be asked for is told', () => {
  expect(unknownRequiredFields({ ...rules, requiredFields: ['claim_id', 'shoe_size', 'toString'] })).toEqual(['shoe_size', 'toString']);
});

test('what a reader misses and the definition does not require is no problem', () => {
  const missing = { level: 'workflow', code: 'REQUIRED_FIELD', field: 'patient_id', line: 0 } as const;

  expect(problems({ patient: aPerson({ id: '' }), problems: [missing] }, { ...rules, requiredFields: ['claim_id'] })).toEqual([]);
  expect(problems({ patient: aPerson({ id: '' }), problems: [missing] })).toEqual(['workflow REQUIRED_FIELD patient_id 0']);
});
