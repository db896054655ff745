import { day } from '../records.ts';
import { hit, miss, type GoldenClaim } from './golden-claim.ts';

/** Charged 150.00, price 120.00, copay 20.00: 150 - 120 = 30 written off, 120 - 20 = 100 paid. */
export const visit = '150.00 = 100.00 + CO-45 30.00 + PR-3 20.00';
export const paidVisit = `paid: ${visit}`;

const told = (level: string, code: string, line = 0) => ({ problems: [{ level, code, field: 'f', line }] });
const released = (code: string) => ({ review: {}, lookedAt: [0, 1].map((line) => ({ code, field: '', line })) });
const unclean = (remark: string) => `denied in validate: 150.00 = denied CO-16 (${remark})`;
const lab = { procedureCode: '85025', chargeCents: 2_000 };
const npi = { providerIdType: 'npi', providerId: '1234567893' } as const;

/** Steps 0 to 2. */
export const goldenValidate: readonly GoldenClaim[] = [
  hit('REQUIRED_FIELD', 'the reader told that the patient is missing', 'pended in validate: REQUIRED_FIELD', {
    claim: told('workflow', 'REQUIRED_FIELD'),
  }),
  hit('REQUIRED_FIELD', 'no service date', 'pended in validate: REQUIRED_FIELD', { claim: { serviceFrom: null } }),
  hit('REQUIRED_FIELD', 'no claim id, where the total is wrong, too: the workflow comes first', 'pended in validate: REQUIRED_FIELD', {
    claim: { claimId: '', totalCents: 1 },
  }),
  hit('REQUIRED_FIELD', 'a field that the workflow requires beyond its own three', 'pended in validate: REQUIRED_FIELD', {
    claim: { providerId: '' },
    settings: { requiredFields: ['provider_id'] },
  }),
  hit('REQUIRED_FIELD', 'a claim without services, where the workflow requires them', 'pended in validate: REQUIRED_FIELD', {
    claim: { totalCents: 0 },
    lines: [],
    settings: { requiredFields: ['services'] },
  }),
  miss('REQUIRED_FIELD', 'a field that no claim can lack', paidVisit, { settings: { requiredFields: ['colour', 'patient_id'] } }),
  miss('REQUIRED_FIELD', 'all required fields', paidVisit),
  hit('DATE_FORMAT', 'a date in another form is no missing one', 'pended in validate: DATE_FORMAT', {
    claim: { serviceFrom: null, ...told('workflow', 'DATE_FORMAT') },
  }),
  miss('DATE_FORMAT', 'a date as it should be', paidVisit),
  // The workflow allows 0 to 50,000.00.
  hit('AMOUNT_RANGE', 'a cent above the range', 'pended in validate: AMOUNT_RANGE', {
    lines: [{ chargeCents: 5_000_001 }],
  }),
  hit('AMOUNT_RANGE', 'a billion dollars', 'pended in validate: AMOUNT_RANGE', {
    lines: [{ chargeCents: 100_000_000_000 }],
  }),
  hit('AMOUNT_RANGE', 'a cent below the range', 'pended in validate: AMOUNT_RANGE', { lines: [{ chargeCents: -1 }] }),
  hit('AMOUNT_RANGE', 'a line above the range in a total within it', 'pended in validate: AMOUNT_RANGE 1, AMOUNT_RANGE 2', {
    lines: [{ chargeCents: 5_000_100 }, { ...lab, chargeCents: -200 }],
  }),
  hit('AMOUNT_RANGE', 'what intake told', 'pended in validate: AMOUNT_RANGE, AMOUNT_RANGE 1', {
    claim: {
      problems: [0, 1].map((line) => ({ level: 'workflow', code: 'AMOUNT_RANGE', field: 'amount', line })),
    },
  }),
  // 50,000.00 - 120.00 = 49,880.00 are above the price.
  miss('AMOUNT_RANGE', 'exactly the greatest amount', 'paid: 50,000.00 = 100.00 + CO-45 49,880.00 + PR-3 20.00', {
    lines: [{ chargeCents: 5_000_000 }],
  }),
  miss('AMOUNT_RANGE', 'exactly the least amount', 'paid: 0.00 = 0.00', { lines: [{ chargeCents: 0 }] }),

  hit('BAD_AMOUNT', 'an amount that is text', unclean('M79'), { claim: told('2', 'BAD_AMOUNT', 1) }),
  hit(
    'BAD_AMOUNT',
    'on the second line: the first is told that the claim as a whole fails',
    'denied in validate: 150.00 = denied CO-16 (MA130) | 20.00 = denied CO-16 (M79)',
    { claim: told('2', 'BAD_AMOUNT', 2), lines: [{}, lab] },
  ),
  miss('BAD_AMOUNT', 'an amount in cents', paidVisit),
  hit('NEGATIVE_AMOUNT', 'below zero, although a person let the range pass', 'denied in validate: 0.00 = denied CO-16 (M79)', {
    lines: [{ chargeCents: -100 }],
    scene: released('AMOUNT_RANGE'),
  }),
  hit(
    'NEGATIVE_AMOUNT',
    'of two lines the one below zero, and the other is denied with it',
    'denied in validate: 0.00 = denied CO-16 (M79) | 150.00 = denied CO-16 (MA130)',
    {
      lines: [{ ...lab, chargeCents: -100 }, {}],
      scene: released('AMOUNT_RANGE'),
    },
  ),
  hit('NEGATIVE_AMOUNT', 'a person denies such a claim', 'denied in adjudicate: 0.00 = denied CO-16 (M79) | 150.00 = denied CO-50', {
    lines: [{ ...lab, chargeCents: -100 }, {}],
    scene: { review: { decision: 'deny', group: 'CO', carc: '50' } },
  }),
  miss('NEGATIVE_AMOUNT', 'zero', 'paid: 0.00 = 0.00', { lines: [{ chargeCents: 0 }], scene: released('AMOUNT_RANGE') }),
  hit('BAD_UNITS', 'no units', unclean('M53'), { lines: [{ unitsThousandths: 0 }] }),
  hit('BAD_UNITS', 'one and a half visits', unclean('M53'), { lines: [{ unitsThousandths: 1_500 }] }),
  hit('BAD_UNITS', 'the reader could not read them', unclean('M53'), { claim: told('2', 'BAD_UNITS', 1) }),
  // 1.5 × 2.55 = 3.825, half a cent up: 3.83. 20 % of it: 0.766, so 0.77.
  hit(
    'BAD_UNITS',
    'on two of three lines',
    'denied in validate: 150.00 = denied CO-16 (M53) | 20.00 = denied CO-16 (MA130) | 20.00 = denied CO-16 (M53)',
    {
      lines: [{ unitsThousandths: 0 }, lab, { ...lab, unitsThousandths: -1_000 }],
    },
  ),
  miss('BAD_UNITS', 'one and a half of a drug', 'paid: 10.00 = 3.06 + CO-45 6.17 + PR-2 0.77', {
    lines: [{ procedureCode: 'J1885', unitsThousandths: 1_500, chargeCents: 1_000 }],
  }),
  // 45.5 × 1.50 = 68.25, 20 % of it 13.65.
  miss('BAD_UNITS', 'fractions of minutes', 'paid: 100.00 = 54.60 + CO-45 31.75 + PR-2 13.65', {
    lines: [{ procedureCode: '01922', unitBasis: 'MJ', unitsThousandths: 45_500, chargeCents: 10_000 }],
  }),
  hit('TOTAL_MISMATCH', 'a cent too much', unclean('M54'), { claim: { totalCents: 15_001 } }),
  hit('TOTAL_MISMATCH', 'with bad units: both are told at once', unclean('M53 M54'), {
    claim: { totalCents: 15_001 },
    lines: [{ unitsThousandths: 0 }],
  }),
  miss('TOTAL_MISMATCH', 'of amounts that could not be read nothing adds up', unclean('M79'), {
    claim: { totalCents: 15_001, ...told('2', 'BAD_AMOUNT', 1) },
  }),
  miss('TOTAL_MISMATCH', 'units that could not be read', unclean('M53'), { claim: { totalCents: 15_001, ...told('2', 'BAD_UNITS', 1) } }),
  miss('TOTAL_MISMATCH', 'to the cent', paidVisit, { claim: { totalCents: 15_000 } }),
  hit('ORIGINAL_CLAIM_MISSING', 'a replacement of nothing', unclean('M47'), {
    claim: { frequency: 'replacement', ...told('4', 'ORIGINAL_CLAIM_MISSING') },
  }),
  miss('ORIGINAL_CLAIM_MISSING', 'a replacement of something', paidVisit, {
    claim: { frequency: 'replacement', originalClaimId: 'CLM_0' },
  }),
  miss('PROVIDER_MISSING', 'bad units come first, and the later step is not told', unclean('M53'), {
    claim: { providerId: '' },
    lines: [{ unitsThousandths: 0 }],
  }),
  hit('NO_LINES', 'no service', 'denied in validate: 0.00 = denied CO-16 (M51)', { claim: { totalCents: 0 }, lines: [] }),
  hit('NO_LINES', 'a total without a service: one line stands for it', 'denied in validate: 150.00 = denied CO-16 (M51)', {
    claim: { totalCents: 15_000 },
    lines: [],
  }),
  miss('NO_LINES', 'one service', paidVisit),
  // Nothing of it is told: neither its code, its units nor the sum are missing besides.
  hit(
    'EMPTY_LINE',
    'a line without a service is told once',
    'denied in validate: 150.00 = denied CO-16 (MA130) | 0.00 = denied CO-16 (M51)',
    {
      claim: { totalCents: 17_000, ...told('2', 'EMPTY_LINE', 2) },
      lines: [{}, { procedureCode: '', unitsThousandths: 0, chargeCents: 0 }],
    },
  ),
  miss('EMPTY_LINE', 'a line without a code tells its charge', unclean('M20'), { lines: [{ procedureCode: '' }] }),
  hit('MISSING_SERVICE_DATE', 'although a person let it pass', unclean('M52'), {
    claim: { serviceFrom: null },
    scene: released('REQUIRED_FIELD'),
  }),
  miss('MISSING_SERVICE_DATE', 'each line has its own', paidVisit, {
    claim: { serviceFrom: null },
    lines: [{ serviceFrom: day('2024-03-15') }],
    scene: released('REQUIRED_FIELD'),
  }),
  hit('DATES_REVERSED', 'a line ends the day before it begins', unclean('M59'), { lines: [{ serviceTo: day('2024-03-14') }] }),
  hit('DATES_REVERSED', 'the claim does', unclean('M59'), { claim: { serviceTo: day('2024-03-14') } }),
  miss('DATES_REVERSED', 'it ends on the day it begins', paidVisit, { lines: [{ serviceTo: day('2024-03-15') }] }),
  hit('MISSING_PROCEDURE', 'neither procedure nor revenue code', unclean('M20'), { lines: [{ procedureCode: '' }] }),
  // Price 600.00, coinsurance 10 % = 60.00, copay 100.00.
  miss('MISSING_PROCEDURE', 'a revenue code alone', 'paid: 700.00 = 440.00 + CO-45 100.00 + PR-2 60.00 + PR-3 100.00', {
    claim: { claimType: 'institutional' },
    lines: [{ procedureCode: '', revenueCode: '0450', chargeCents: 70_000 }],
  }),
  hit('BAD_POINTER', 'to the second of one diagnosis', unclean('M76'), { lines: [{ diagnosisPointers: [2] }] }),
  hit('BAD_POINTER', 'to a diagnosis zero', unclean('M76'), { lines: [{ diagnosisPointers: [0] }] }),
  miss('BAD_POINTER', 'to the first', paidVisit, { lines: [{ diagnosisPointers: [1] }] }),
  hit('MISSING_POLICY', 'no policy', unclean('N382'), { claim: { policyToken: '' } }),
  miss('MISSING_POLICY', 'a policy', paidVisit),
  hit('OTHER_PROBLEM', 'a situational element is missing', unclean('MA130'), { claim: told('4', 'CERTIFICATION_MISSING') }),
  hit('OTHER_PROBLEM', 'a rule of the workflow that adjudication does not know', unclean('MA130'), {
    claim: told('workflow', 'SOMETHING_NEW'),
  }),
  hit('OTHER_PROBLEM', 'the principal diagnosis and the admission date are missing', unclean('M76 MA40'), {
    claim: {
      problems: [
        { level: '2', code: 'MISSING_ELEMENT', field: 'HI*ABK', line: 0 },
        { level: '4', code: 'MISSING_SITUATIONAL', field: 'DTP*435', line: 0 },
      ],
    },
  }),
  miss(
    'OTHER_PROBLEM',
    'the reader misses the billing provider: that has a reason of its own',
    'denied in validate: 150.00 = denied CO-206 (N257)',
    {
      claim: { providerId: '', problems: [{ level: '2', code: 'MISSING_ELEMENT', field: 'NM1*85', line: 0 }] },
    },
  ),
  miss('OTHER_PROBLEM', 'a claim without services is told once', 'denied in validate: 0.00 = denied CO-16 (M51)', {
    claim: { totalCents: 0, problems: [{ level: '2', code: 'NO_LINES', field: 'services', line: 0 }] },
    lines: [],
  }),
  miss('OTHER_PROBLEM', 'a line without a day is told once', unclean('M52'), {
    claim: { serviceFrom: null, problems: [{ level: '2', code: 'MISSING_ELEMENT', field: 'DTP*472', line: 1 }] },
    scene: released('REQUIRED_FIELD'),
  }),
  hit('OTHER_PROBLEM', 'a line without a day of a claim that has one', unclean('M52'), {
    claim: { problems: [{ level: '2', code: 'MISSING_ELEMENT', field: 'DTP*472', line: 1 }] },
  }),
  miss('OTHER_PROBLEM', 'nothing told', paidVisit),

  hit('PROVIDER_MISSING', 'no billing provider', 'denied in validate: 150.00 = denied CO-206 (N257)', { claim: { providerId: '' } }),
  miss('PROVIDER_MISSING', 'a local identifier', paidVisit),
  hit('NPI_INVALID', 'a wrong check digit', 'denied in validate: 150.00 = denied CO-207 (N257)', {
    claim: { ...npi, providerId: '1234567890' },
  }),
  hit('NPI_INVALID', 'nine digits', 'denied in validate: 150.00 = denied CO-207 (N257)', { claim: { ...npi, providerId: '123456789' } }),
  hit('NPI_INVALID', 'a letter', 'denied in validate: 150.00 = denied CO-207 (N257)', { claim: { ...npi, providerId: '12345A7893' } }),
  // 5 × 9 (doubled 18) + 4 × 9 + 24 = 105: the check digit is 5. Real ones do not begin with 9.
  hit('NPI_INVALID', 'a synthetic one', 'denied in validate: 150.00 = denied CO-207 (N257)', {
    claim: { ...npi, providerId: '9999999995' },
  }),
  miss(
    'NPI_INVALID',
    'a synthetic one where they are allowed: it is only not on file',
    'denied in coverage: 150.00 = denied CO-B7 (N570)',
    { claim: { ...npi, providerId: '9999999995' }, settings: { npiFirstDigits: '1289' } },
  ),
  miss('NPI_INVALID', 'the right check digit', paidVisit, { claim: npi }),
  miss('NPI_INVALID', 'a local identifier need be no NPI', paidVisit, { claim: { providerId: 'PROV_002' } }),
  hit('RENDERING_NPI_INVALID', 'of the claim', 'denied in validate: 150.00 = denied CO-207 (N290)', {
    claim: { ...npi, renderingProviderId: '1234567890' },
  }),
  hit('RENDERING_NPI_INVALID', 'of a line', 'denied in validate: 150.00 = denied CO-207 (N290)', {
    claim: npi,
    lines: [{ renderingProviderId: '1234567890' }],
  }),
  miss('RENDERING_NPI_INVALID', 'a good one', paidVisit, { claim: { ...npi, renderingProviderId: '1234567893' } }),
];
