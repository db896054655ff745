import { expect, test } from '@jest/globals';
import { readClaim, type ParsedClaim } from '../index.ts';

/** 2024-03-15: 54 years to 2024-01-01 have 19,723 days (13 leap days), January 31, February 29. */
const march15 = 19_723 + 31 + 29 + 14;

const example = {
  claim_id: 'CLM_789012',
  patient_id: 'PAT_12345',
  provider_id: 'PROV_001',
  service_date: '2024-03-15',
  services: [{ procedure_code: '99213', description: 'Office visit, established patient', amount: 150.0, units: 1 }],
  total_amount: 150.0,
  insurance_info: { policy_number: 'POL_123456', group_number: 'GRP_789', coverage_type: 'PRIMARY' },
};

function readText(text: string): ParsedClaim {
  const result = readClaim(Buffer.from(text));
  if (!result.ok) throw new Error(result.code);
  return result.claim;
}
const read = (changes: object = {}): ParsedClaim => readText(JSON.stringify({ ...example, ...changes }));
const problemsOf = ({ problems }: ParsedClaim): string[] =>
  problems.map(({ level, code, field, line }) => `${level} ${code} ${field} ${line}`);
/** One service, written as text so that its numbers stay as they are written. */
const withService = (service: string, total: string): ParsedClaim =>
  readText(JSON.stringify({ ...example, services: 0, total_amount: 1 }).replace('"services":0', `"services":[${service}]`).replace('"total_amount":1', `"total_amount":${total}`)); // prettier-ignore

test('the customer’s example is read to its last field', () => {
  const nobody = { id: 'PAT_12345', lastName: '', firstName: '', birthDate: null, sex: 'unknown', address: '', zip: '' };
  expect(read()).toEqual({
    format: 'json',
    claimId: 'CLM_789012',
    scope: '',
    claimType: 'professional',
    frequency: 'original',
    originalClaimId: null,
    patient: nobody,
    subscriber: nobody,
    relationship: 'unknown',
    policyNumber: 'POL_123456',
    groupNumber: 'GRP_789',
    coverageType: 'primary',
    payerId: '',
    providerId: 'PROV_001',
    providerIdType: 'local',
    renderingProviderId: '',
    serviceFrom: march15,
    serviceTo: march15,
    receivedOn: null,
    placeOfService: '',
    typeOfBill: '',
    drg: '',
    priorAuthorization: '',
    diagnosisCodes: [],
    totalCents: 15_000,
    lines: [
      {
        line: 1,
        procedureCode: '99213',
        revenueCode: '',
        modifiers: [],
        unitsThousandths: 1000,
        unitBasis: 'UN',
        chargeCents: 15_000,
        placeOfService: '',
        diagnosisPointers: [],
        serviceFrom: march15,
        serviceTo: march15,
        renderingProviderId: '',
        priorPaidCents: null,
      },
    ],
    priorPayers: [],
    problems: [],
  });
});

test('every optional field is read', () => {
  const claim = read({
    provider_id: '1234567893',
    diagnosis_codes: ['I10', 'e11.9'],
    prior_authorization: 'AUTH1',
    received_date: '2024-03-16',
    type: 'replacement',
    original_claim_id: 'CLM_1',
    prior_payer: { payer_id: 'OTHER', allowed_amount: 120.5, paid_amount: 100, patient_responsibility: 20.5 },
    services: [
      {
        procedure_code: '99213',
        amount: 150,
        units: 1,
        modifiers: ['25', 'tc'],
        place_of_service: '11',
        diagnosis_pointers: [1, 2],
        service_date: '2024-03-14',
      },
    ],
    insurance_info: { ...example.insurance_info, coverage_type: 'SECONDARY', payer_id: 'PAYER1' },
  });
  expect(claim).toMatchObject({
    providerIdType: 'npi',
    diagnosisCodes: ['I10', 'E119'],
    priorAuthorization: 'AUTH1',
    receivedOn: march15 + 1,
    frequency: 'replacement',
    originalClaimId: 'CLM_1',
    coverageType: 'secondary',
    payerId: 'PAYER1',
    placeOfService: '11',
    serviceFrom: march15 - 1,
    serviceTo: march15,
    priorPayers: [{ payerId: 'OTHER', sequence: 'P', allowedCents: 12_050, paidCents: 10_000, patientCents: 2050, adjustments: [] }],
    problems: [],
  });
  expect(claim.lines[0]).toMatchObject({ modifiers: ['25', 'TC'], diagnosisPointers: [1, 2], serviceFrom: march15 - 1 });
});

test('absent and null are the same, and units default to one', () => {
  const claim = read({
    diagnosis_codes: null,
    prior_payer: null,
    type: null,
    insurance_info: null,
    services: [{ procedure_code: '99213', amount: 150, units: null, modifiers: null }],
  });
  expect(claim.problems).toEqual([]);
  expect([claim.policyNumber, claim.coverageType, claim.lines[0]?.unitsThousandths]).toEqual(['', 'primary', 1000]);
});

/** Doubles would give 0.30000000000000004, 0.29 × 100 = 28.999999999999996, 4.35 × 100 = 434.99999999999994. */
test.each([
  ['{"procedure_code":"A","amount":0.1,"units":3}', '0.3', 30],
  ['{"procedure_code":"A","amount":0.29,"units":100}', '29', 2900],
  ['{"procedure_code":"A","amount":4.35,"units":100}', '435.00', 43_500],
  ['{"procedure_code":"A","amount":1e9,"units":1}', '1000000000', 100_000_000_000],
  ['{"procedure_code":"A","amount":150.000,"units":1.000}', '1.5e2', 15_000],
  ['{"procedure_code":"J1885","amount":0.03,"units":1.5}', '0.05', 5],
  ['{"procedure_code":"J1885","amount":-0.03,"units":1.5}', '-0.05', -5],
  ['{"procedure_code":"A","amount":1.500000000000000000e2}', '150.000000000000000000000000000000000000000000', 15_000],
  ['{"procedure_code":"A","amount":15000000000000000000E-17}', '1.50e+02', 15_000],
  ['{"procedure_code":"A","amount":0.000000000000000000000015e24}', '15', 1500],
  ['{"procedure_code":"A","amount":0.0000000000000000e5}', '0', 0],
  ['{"procedure_code":"A","amount":250000000000000000.0e-18}', '0.25', 25],
  ['{"procedure_code":"A","amount":12345678.90,"units":999}', '12333333221.1', 1_233_333_322_110],
])('%s and a total of %s are %d cents', (service, total, cents) => {
  const claim = withService(service, total);
  expect([claim.lines[0]?.chargeCents, claim.problems.filter(({ code }) => code !== 'AMOUNT_RANGE')]).toEqual([
    Math.min(cents, 1_000_000_000_000),
    [],
  ]);
});

test.each([
  ['an amount in quotes', '{"procedure_code":"A","amount":"150.00"}', '150', ['2 BAD_AMOUNT amount 1']],
  ['no amount', '{"procedure_code":"A"}', '150', ['2 BAD_AMOUNT amount 1']],
  ['three decimals', '{"procedure_code":"A","amount":150.001}', '150', ['2 BAD_AMOUNT amount 1']],
  ['decimals that a double does not keep', '{"procedure_code":"A","amount":150.0000000000000001}', '150', ['2 BAD_AMOUNT amount 1']],
  ['a total in quotes', '{"procedure_code":"A","amount":150}', '"150"', ['2 BAD_AMOUNT total_amount 0']],
  ['no total', '{"procedure_code":"A","amount":150}', 'null', ['2 BAD_AMOUNT total_amount 0']],
  [
    'more money than there is',
    '{"procedure_code":"A","amount":150}',
    '99999999999999999999',
    ['workflow AMOUNT_RANGE total_amount 0', '3 TOTAL_MISMATCH total_amount 0'],
  ],
  ['less money than there is', '{"procedure_code":"A","amount":-99999999999999999999}', '-10000000000', ['workflow AMOUNT_RANGE amount 1']],
  [
    'units that make more of it',
    '{"procedure_code":"A","amount":9999999999,"units":1000000}',
    '10000000000',
    ['workflow AMOUNT_RANGE amount 1'],
  ],
  ['an amount of 301 digits', '{"procedure_code":"A","amount":1e300}', '10000000000', ['workflow AMOUNT_RANGE amount 1']],
  ['an amount of 22 digits, twice', '{"procedure_code":"A","amount":1e21,"units":2}', '10000000000', ['workflow AMOUNT_RANGE amount 1']],
  ['an amount of 22 digits', '{"procedure_code":"A","amount":1e21}', '10000000000', ['workflow AMOUNT_RANGE amount 1']],
  ['an amount beyond doubles', '{"procedure_code":"A","amount":-1e400}', '-10000000000', ['workflow AMOUNT_RANGE amount 1']],
  ['an amount of a tiny fraction', '{"procedure_code":"A","amount":1e-7}', '150', ['2 BAD_AMOUNT amount 1']],
  ['an amount of the tiniest fraction', '{"procedure_code":"A","amount":1.000000000000000001e-300}', '150', ['2 BAD_AMOUNT amount 1']],
  ['a sum that is not the total', '{"procedure_code":"A","amount":150}', '150.01', ['3 TOTAL_MISMATCH total_amount 0']],
  ['no units', '{"procedure_code":"A","amount":150,"units":0}', '150', ['2 BAD_UNITS units 1']],
  ['one and a half units', '{"procedure_code":"A","amount":100,"units":1.5}', '150', ['2 BAD_UNITS units 1']],
  ['negative units', '{"procedure_code":"A","amount":-150,"units":-1}', '150', ['2 BAD_UNITS units 1']],
  ['units in quotes', '{"procedure_code":"A","amount":150,"units":"1"}', '150', ['2 BAD_UNITS units 1']],
  ['ten-thousandths of a drug', '{"procedure_code":"J1885","amount":150,"units":1.0001}', '150', ['2 BAD_UNITS units 1']],
  ['a service that is no object', '17', '150', ['2 EMPTY_LINE services 1']],
  ['a service that is null', 'null', '150', ['2 EMPTY_LINE services 1']],
  ['a service without a field', '{}', '150', ['2 EMPTY_LINE services 1']],
  ['a service whose fields are empty', '{"procedure_code":"","amount":null,"units":null}', '150', ['2 EMPTY_LINE services 1']],
  ['a service with its units only', '{"units":1}', '150', ['2 BAD_AMOUNT amount 1']],
])('%s is a problem', (_what, service, total, problems) => {
  expect(problemsOf(withService(service, total))).toEqual(problems);
});

test.each([
  [{ patient_id: undefined }, ['workflow REQUIRED_FIELD patient_id 0']],
  [{ patient_id: '' }, ['workflow REQUIRED_FIELD patient_id 0']],
  [{ patient_id: 7 }, ['2 BAD_FIELD patient_id 0', 'workflow REQUIRED_FIELD patient_id 0']],
  [{ service_date: undefined }, ['workflow REQUIRED_FIELD service_date 0']],
  [{ service_date: '' }, ['workflow REQUIRED_FIELD service_date 0']],
  [{ service_date: '15.03.2024' }, ['workflow DATE_FORMAT service_date 0']],
  [{ service_date: '2024-02-30' }, ['workflow DATE_FORMAT service_date 0']],
  [{ service_date: '2024-3-5' }, ['workflow DATE_FORMAT service_date 0']],
  [{ service_date: '2024-0x-05' }, ['workflow DATE_FORMAT service_date 0']],
  [{ service_date: 20240315 }, ['workflow DATE_FORMAT service_date 0']],
  [{ received_date: 'today' }, ['workflow DATE_FORMAT received_date 0']],
  [{ services: [] }, ['2 NO_LINES services 0']],
  [{ services: {} }, ['2 NO_LINES services 0']],
  [{ services: Array.from({ length: 1000 }, () => ({ procedure_code: 'A', amount: 0.15 })) }, ['2 TOO_MANY_LINES services 0']],
  [{ services: Array.from({ length: 999 }, () => ({ procedure_code: 'A', amount: 1 })), total_amount: 999 }, []],
  [{ type: 'void' }, ['4 ORIGINAL_CLAIM_MISSING original_claim_id 0']],
  [{ type: 'correction' }, ['2 BAD_FIELD type 0']],
  [{ insurance_info: 'POL_1' }, ['2 BAD_FIELD insurance_info 0']],
  [
    { insurance_info: { policy_number: 1, coverage_type: 'FIRST' } },
    ['2 BAD_FIELD insurance_info.policy_number 0', '2 BAD_FIELD insurance_info.coverage_type 0'],
  ],
  [{ insurance_info: {} }, []],
  [{ diagnosis_codes: 'I10' }, ['2 BAD_FIELD diagnosis_codes 0']],
  [{ diagnosis_codes: ['I10', 1] }, ['2 BAD_FIELD diagnosis_codes 0']],
  [{ diagnosis_codes: ['I10\u0000'] }, ['2 BAD_FIELD diagnosis_codes 0']],
  [{ prior_payer: 'none' }, ['2 BAD_FIELD prior_payer 0']],
  [{ prior_payer: { paid_amount: -0.01 } }, ['2 BAD_AMOUNT prior_payer.paid_amount 0']],
  [{ prior_payer: { paid_amount: 150.01 } }, ['2 BAD_AMOUNT prior_payer.paid_amount 0']],
  [{ prior_payer: { paid_amount: 150 } }, []],
  [
    { prior_payer: { paid_amount: 1, allowed_amount: -1, patient_responsibility: -1 } },
    ['2 BAD_AMOUNT prior_payer.allowed_amount 0', '2 BAD_AMOUNT prior_payer.patient_responsibility 0'],
  ],
  [{ prior_payer: { paid_amount: 1e21 } }, ['workflow AMOUNT_RANGE prior_payer.paid_amount 0', '2 BAD_AMOUNT prior_payer.paid_amount 0']],
  [{ patient_id: 'PAT\u0000X' }, ['2 BAD_FIELD patient_id 0', 'workflow REQUIRED_FIELD patient_id 0']],
  [{ provider_id: 'P\u001f1' }, ['2 BAD_FIELD provider_id 0']],
  [{ insurance_info: { policy_number: 'POL\u007f1' } }, ['2 BAD_FIELD insurance_info.policy_number 0']],
  [{ type: 'constructor' }, ['2 BAD_FIELD type 0']],
  [{ type: '__proto__' }, ['2 BAD_FIELD type 0']],
  [{ insurance_info: { coverage_type: 'toString' } }, ['2 BAD_FIELD insurance_info.coverage_type 0']],
  [{ type: ' ', insurance_info: { coverage_type: '' } }, []],
  [{ services: [{ procedure_code: '99213', amount: 150, place_of_service: 0 }] }, ['2 BAD_FIELD place_of_service 1']],
  [{ services: [{ procedure_code: '99213', amount: 150, place_of_service: 1.5 }] }, ['2 BAD_FIELD place_of_service 1']],
  [{ prior_payer: { payer_id: 'X' } }, ['2 BAD_AMOUNT prior_payer.paid_amount 0']],
  [{ services: [{ procedure_code: '99213', amount: 150, diagnosis_pointers: [0] }] }, ['2 BAD_FIELD diagnosis_pointers 1']],
  [{ services: [{ procedure_code: '99213', amount: 150, revenue_code: '0450' }] }, []],
])('%j: %j', (changes, problems) => {
  expect(problemsOf(read(changes))).toEqual(problems);
});

test('a claim with revenue codes is institutional', () => {
  expect(read({ services: [{ revenue_code: '0450', amount: 150 }] }).claimType).toBe('institutional');
});

test('a service without a date has the claim’s, not that of an earlier one', () => {
  const services = [
    { procedure_code: 'A', amount: 75, service_date: '2024-03-10' },
    { procedure_code: 'A', amount: 75 },
  ];
  const claim = read({ services });
  expect(claim.lines.map(({ serviceFrom, serviceTo }) => [serviceFrom, serviceTo])).toEqual([
    [march15 - 5, march15 - 5],
    [march15, march15],
  ]);
  expect([claim.serviceFrom, claim.serviceTo]).toEqual([march15 - 5, march15]);
});

test('words are read in any case and with blanks around them', () => {
  const insurance_info = { ...example.insurance_info, coverage_type: ' secondary ' };
  expect(read({ type: 'Void', original_claim_id: 'CLM_1', insurance_info })).toMatchObject({
    frequency: 'void',
    coverageType: 'secondary',
    problems: [],
  });
});

test('the place of a claim is the one of all its services, in whatever order they stand', () => {
  const office = { procedure_code: 'A', amount: 75, place_of_service: 11 };
  const nowhere = { procedure_code: 'B', amount: 75 };
  const placesOf = (services: readonly object[]): string[] => {
    const claim = read({ services });
    return [claim.placeOfService, ...claim.lines.map(({ placeOfService }) => placeOfService)];
  };
  expect(placesOf([office, office])).toEqual(['11', '11', '11']);
  expect(placesOf([office, nowhere])).toEqual(['', '11', '']);
  expect(placesOf([nowhere, office])).toEqual(['', '', '11']);
  expect(placesOf([{ ...office, place_of_service: 2 }])).toEqual(['02', '02']);
});

test('empty modifiers are left out, and empty diagnoses where no pointer counts them', () => {
  const claim = read({
    diagnosis_codes: ['I10', '', 'E11.9', '', null],
    services: [{ procedure_code: '99213', amount: 150, modifiers: ['', ' ', null, '25'] }],
  });
  expect([claim.diagnosisCodes, claim.lines[0]?.modifiers, claim.problems]).toEqual([['I10', '', 'E119'], ['25'], []]);
});

test.each([
  ['the amount', [{ procedure_code: 'A', amount: '150' }], [15_000]],
  ['the units', [{ procedure_code: 'A', amount: 150, units: 0 }], [15_000]],
  [
    'one amount of several',
    [
      { procedure_code: 'A', amount: '75' },
      { procedure_code: 'A', amount: 75 },
    ],
    [0, 7500],
  ],
])('where %s cannot be read, the total is the charge of an only service', (_what, services, cents) => {
  const claim = read({ services });
  expect([claim.lines.map(({ chargeCents }) => chargeCents), claim.totalCents]).toEqual([cents, 15_000]);
});

test('of more services than a claim may have no more are read', () => {
  expect(read({ services: Array.from({ length: 100_000 }, () => ({})) }).lines).toHaveLength(999);
});

test('services on several days are from the first to the last', () => {
  const days = ['2024-03-17', '2024-03-13'].map((service_date) => ({ procedure_code: 'A', amount: 75, service_date }));
  expect(read({ services: days })).toMatchObject({ serviceFrom: march15 - 2, serviceTo: march15 + 2 });
  expect(read({ services: days, service_date: undefined })).toMatchObject({ serviceFrom: march15 - 2, serviceTo: march15 + 2 });
});

test.each([
  ['', 'EMPTY_VALUE'],
  ['nonsense', 'NOT_JSON'],
  ['{"claim_id":"A"', 'NOT_JSON'],
  ['\ufeff{"claim_id":"A"}', 'INVALID_UTF8'],
  ['[1]', 'BAD_SHAPE'],
  ['"A"', 'BAD_SHAPE'],
  ['{"claim_id":"A","claim_id":"B"}', 'BAD_SHAPE'],
  ['{"claim_id":"A","x":{"a":1,"a":2}}', 'BAD_SHAPE'],
  [`{"claim_id":"A","x":${'['.repeat(40)}${']'.repeat(40)}}`, 'BAD_SHAPE'],
  ['{}', 'MISSING_CLAIM_ID'],
  ['{"claim_id":""}', 'MISSING_CLAIM_ID'],
  ['{"claim_id":12}', 'MISSING_CLAIM_ID'],
  ['{"claim_id":"a\\u0000b"}', 'MISSING_CLAIM_ID'],
  [`{"claim_id":"${'x'.repeat(129)}"}`, 'MISSING_CLAIM_ID'],
])('%s is no claim: %s', (text, code) => {
  expect(readClaim(Buffer.from(text))).toEqual({ ok: false, code });
});

test('bytes that are no UTF-8 are no claim', () => {
  expect(readClaim(Buffer.from([0x7b, 0xff, 0x7d]))).toEqual({ ok: false, code: 'INVALID_UTF8' });
});

test('the Avro form of the same bytes is the same claim', () => {
  const content = Buffer.from(JSON.stringify(example));
  expect(readClaim({ format: 'json', content, context: Buffer.alloc(0) })).toEqual(readClaim(content));
});
