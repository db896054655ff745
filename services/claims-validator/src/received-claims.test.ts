import { expect, test } from '@jest/globals';
import { createClaimReader } from '@vigil/claim-formats';
import { topics } from '@vigil/contracts';
import { createValueEncoder } from '@vigil/kafka';
import { driveIntake } from '../test-support/intake.ts';

/** The customer's example, with the changes of a test. */
const example = (change: object = {}): Record<string, unknown> => ({
  claim_id: 'CLM_789012',
  patient_id: 'PAT_12345',
  provider_id: 'PROV_001',
  service_date: '2024-03-15',
  services: [{ procedure_code: '99213', description: 'Office visit, established patient', amount: 150.0, units: 1 }],
  total_amount: 150.0,
  insurance_info: { policy_number: 'POL_123456', group_number: 'GRP_789', coverage_type: 'PRIMARY' },
  ...change,
});

const reversed = (value: object): object => Object.fromEntries(Object.entries(value).reverse());

const ward = () => {
  const intake = driveIntake({ rules: { readClaim: createClaimReader() } });
  return {
    ...intake,
    send: (...claims: readonly unknown[]) =>
      intake.driver.pipe(
        topics.claimReceived,
        ...claims.map((claim) => ({
          key: 'CLM_789012',
          value: typeof claim === 'string' || Buffer.isBuffer(claim) ? claim : JSON.stringify(claim),
        })),
      ),
    problems: () =>
      intake.submitted().map(({ problems }) => problems.map(({ level, code, field, line }) => `${level} ${code} ${field} ${line}`)),
  };
};

test('the customer’s claim is understood as it stands', async () => {
  const intake = ward();
  await intake.send(example());

  expect(intake.submitted()).toMatchObject([
    {
      claimId: 'CLM_789012',
      totalCents: 15_000,
      standing: 'first',
      problems: [],
      lines: [{ procedureCode: '99213', chargeCents: 15_000, unitsThousandths: 1000 }],
    },
  ]);
});

test('the same claim in another order, with other white space and in an envelope is one claim', async () => {
  const intake = ward();
  const { schema } = topics.claimReceived;
  const envelope = createValueEncoder(schema, intake.driver.registry.register(schema))({
    format: 'json', content: Buffer.from(JSON.stringify(example())), context: Buffer.alloc(0), source: 'claims_1.json', ordinal: 0, line: 1,
    segment: null, interchangeControl: null, groupControl: null, transactionControl: null,
  }); // prettier-ignore
  await intake.send(example(), reversed(example()), JSON.stringify(example(), null, 2), envelope);

  expect(intake.counts()).toEqual({ processed: 1, duplicate: 3, rejected: 0 });
});

test.each<[string, object, string[]]>([
  [
    'a negative amount',
    { total_amount: -150, services: [{ procedure_code: '99213', amount: -150, units: 1 }] },
    ['workflow AMOUNT_RANGE total_amount 0', 'workflow AMOUNT_RANGE amount 1'],
  ],
  [
    '1e9 dollars',
    { total_amount: 1e9, services: [{ procedure_code: '99213', amount: 1e9, units: 1 }] },
    ['workflow AMOUNT_RANGE total_amount 0', 'workflow AMOUNT_RANGE amount 1'],
  ],
  ['a missing patient', { patient_id: undefined }, ['workflow REQUIRED_FIELD patient_id 0']],
  ['a missing day', { service_date: undefined }, ['workflow REQUIRED_FIELD service_date 0']],
  ['a day of another form', { service_date: '03/15/2024' }, ['workflow DATE_FORMAT service_date 0']],
  ['a sum that is not the total', { total_amount: 149.99 }, ['3 TOTAL_MISMATCH total_amount 0']],
  ['no policy', { insurance_info: undefined }, []],
])('%s goes on with what is wrong', async (_what, change, expected) => {
  const intake = ward();
  await intake.send(example(change));

  expect(intake.problems()).toEqual([expected]);
});

test.each<[string, unknown, string]>([
  ['no claim id', example({ claim_id: undefined }), 'MISSING_CLAIM_ID'],
  ['no JSON', '{"claim_id":', 'NOT_JSON'],
  ['nothing', '', 'EMPTY_VALUE'],
])('%s is quarantined', async (_what, claim, code) => {
  const intake = ward();
  await intake.send(claim);

  expect(intake.driver.quarantined().map((letter) => letter.code)).toEqual([code]);
});

test('the same id with another amount is suspected tampering, a replacement of it is not', async () => {
  const intake = ward();
  const raised = { total_amount: 950, services: [{ procedure_code: '99213', amount: 950, units: 1 }] };
  await intake.send(example(), example(raised), example({ ...raised, type: 'replacement', original_claim_id: 'CLM_789012' }));

  expect(intake.submitted().map(({ standing, frequency }) => [standing, frequency])).toEqual([
    ['first', 'original'],
    ['conflicting', 'original'],
    ['first', 'replacement'],
  ]);
});
