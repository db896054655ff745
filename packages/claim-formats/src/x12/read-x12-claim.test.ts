import { expect, test } from '@jest/globals';
import {
  anInterchange,
  aSet,
  claim,
  header,
  institutionalClaim,
  oneClaim,
  subscriber,
  type SetBody,
} from '../../test-support/interchanges.ts';
import { splitAll } from '../../test-support/split-all.ts';
import { createClaimReader, readClaim, type ParsedClaim } from '../index.ts';

/** Days since 1970-01-01: 56 years have 20,454 days to 2026-01-01 (14 leap days), January has 31. */
const february15 = 20_454 + 31 + 14;
const february11 = february15 - 4;

async function read(body: SetBody, version = '005010X222A1'): Promise<ParsedClaim> {
  const { claims } = await splitAll(anInterchange({ groups: [[body]], version }));
  const result = readClaim(claims[0]!.received);
  if (!result.ok) throw new Error(result.code);
  return result.claim;
}
const problemsOf = ({ problems }: ParsedClaim): string[] =>
  problems.map(({ level, code, field, line }) => `${level} ${code} ${field} ${line}`);
const changed = (from: string | RegExp, to: string): SetBody => oneClaim.map((line) => line.replace(from, to));

test('a professional claim of a subscriber is read to its last field', async () => {
  const john = { id: 'POL123', lastName: 'DOE', firstName: 'JOHN', birthDate: 1, sex: 'male', address: '1 MAIN STREET', zip: '45501' };
  expect(await read(oneClaim)).toEqual({
    format: 'x12-837p',
    claimId: 'CLM1',
    scope: '1234567893',
    claimType: 'professional',
    frequency: 'original',
    originalClaimId: null,
    patient: john,
    subscriber: john,
    relationship: 'self',
    policyNumber: 'POL123',
    groupNumber: 'GRP77',
    coverageType: 'primary',
    payerId: '87726',
    providerId: '1234567893',
    providerIdType: 'npi',
    renderingProviderId: '',
    serviceFrom: february15,
    serviceTo: february15,
    receivedOn: null,
    placeOfService: '11',
    typeOfBill: '',
    drg: '',
    priorAuthorization: '',
    diagnosisCodes: ['I10', 'E119'],
    totalCents: 15_000,
    lines: [
      {
        line: 1,
        procedureCode: '99213',
        revenueCode: '',
        modifiers: ['25'],
        unitsThousandths: 1000,
        unitBasis: 'UN',
        chargeCents: 15_000,
        placeOfService: '',
        diagnosisPointers: [1, 2],
        serviceFrom: february15,
        serviceTo: february15,
        renderingProviderId: '',
        priorPaidCents: null,
      },
    ],
    priorPayers: [],
    problems: [],
  });
});

const dependent: SetBody = [
  'HL*3*2*23*0',
  'PAT*19',
  "NM1*QC*1*DOE*MARY-ANN O'",
  'N3*2 ELM',
  'N4*SPRINGFIELD*OH*45502',
  'DMG*D8*20150301*F',
];

test('a dependent is the patient, told apart by birth date and first name', async () => {
  const found = await read([...header, ...subscriber, ...dependent, ...claim()]);
  expect(found).toMatchObject({ relationship: 'child', policyNumber: 'POL123' });
  expect(found.subscriber).toMatchObject({ id: 'POL123', firstName: 'JOHN' });
  expect(found.patient).toMatchObject({ id: 'POL123/20150301/MARYANNO', lastName: 'DOE', sex: 'female', zip: '45502' });
});

test('a dependent’s own number is taken where one is given', async () => {
  const body = [...header, ...subscriber, ...dependent, 'REF*1W*MEMBER9', ...claim()];
  expect((await read(body)).patient.id).toBe('MEMBER9');
});

test.each([
  ['PAT*01', 'spouse'],
  ['PAT*21', 'other'],
])('%s is a %s', async (pat, relationship) => {
  expect((await read([...header, ...subscriber, ...dependent.map((line) => line.replace('PAT*19', pat)), ...claim()])).relationship).toBe(
    relationship,
  );
});

test('an institutional claim has its statement dates, type of bill, DRG and revenue codes', async () => {
  const found = await read([...header, ...subscriber, ...institutionalClaim], '005010X223A2');
  expect(found).toMatchObject({
    format: 'x12-837i',
    claimType: 'institutional',
    serviceFrom: february11,
    serviceTo: february11 + 2,
    typeOfBill: '141',
    placeOfService: '',
    drg: '460',
    renderingProviderId: '1999998888',
    totalCents: 8993,
    problems: [],
  });
  expect(
    found.lines.map(({ revenueCode, procedureCode, chargeCents, unitsThousandths }) => [
      revenueCode,
      procedureCode,
      chargeCents,
      unitsThousandths,
    ]),
  ).toEqual([
    ['0305', '85025', 1339, 1000],
    ['0730', '93005', 7654, 3000],
  ]);
});

test('what another payer decided is read, of the claim and by line', async () => {
  const [clm = '', hi = '', lx = '', sv1 = '', dtp = ''] = claim();
  const other = [
    'SBR*P*18*G******CI',
    'CAS*PR*1*21.89**2*15',
    'AMT*D*113.11',
    'AMT*EAF*36.89',
    'AMT*B6*150',
    'OI***Y*P**Y',
    'NM1*PR*2*OTHER*****PI*99999',
  ];
  const later = ['SBR*T*18*G******CI', 'OI***Y*P**Y', 'NM1*PR*2*LATER*****PI*88888'];
  const decision = ['SVD*99999*113.11*HC:99213**1', 'CAS*CO*45*10', 'CAS*PR*1*21.89**2*5'];
  const found = await read([
    ...header,
    ...subscriber.map((line) => line.replace('SBR*P', 'SBR*S')),
    clm,
    hi,
    ...other,
    ...later,
    lx,
    sv1,
    dtp,
    ...decision,
  ]);

  expect(found.coverageType).toBe('secondary');
  expect(found.lines[0]?.priorPaidCents).toBe(11_311);
  expect(found.priorPayers).toEqual([
    {
      payerId: '99999',
      sequence: 'P',
      paidCents: 11_311,
      patientCents: 3689,
      allowedCents: 15_000,
      adjustments: [
        { line: 0, group: 'PR', carc: '1', cents: 2189 },
        { line: 0, group: 'PR', carc: '2', cents: 1500 },
        { line: 1, group: 'CO', carc: '45', cents: 1000 },
        { line: 1, group: 'PR', carc: '1', cents: 2189 },
        { line: 1, group: 'PR', carc: '2', cents: 500 },
      ],
    },
  ]);
});

test('a payer that tells what it paid by line only has paid their sum', async () => {
  const [clm = '', hi = '', lx = '', sv1 = '', dtp = ''] = claim();
  const other = ['SBR*P*18*G******CI', 'CAS*PR*1*1', 'OI***Y*P**Y', 'NM1*PR*2*OTHER*****PI*99999'];
  const found = await read([
    ...header,
    ...subscriber,
    clm,
    hi,
    ...other,
    lx,
    sv1,
    dtp,
    'SVD*99999*100*HC:99213**1',
    'SVD*77777*20*HC:99213**1',
    'CAS*CO*45*1',
  ]);
  expect(found.priorPayers.map(({ paidCents, adjustments }) => [paidCents, adjustments.length])).toEqual([[12_000, 1]]);
});

test.each<[string, SetBody, Partial<ParsedClaim>]>([
  [
    'a replacement',
    changed(':1*Y*A', ':7*Y*A').flatMap((line) => (line.startsWith('HI') ? ['REF*F8*OLD1', line] : [line])),
    { frequency: 'replacement', originalClaimId: 'OLD1' },
  ],
  [
    'a void',
    changed(':1*Y*A', ':8*Y*A').flatMap((line) => (line.startsWith('HI') ? ['REF*F8*OLD1', line] : [line])),
    { frequency: 'void', originalClaimId: 'OLD1' },
  ],
  [
    'an authorisation',
    oneClaim.flatMap((line) => (line.startsWith('HI') ? ['REF*G1*AUTH1', line] : [line])),
    { priorAuthorization: 'AUTH1' },
  ],
  ['a local provider', changed('*XX*1234567893', ''), { providerId: '587654321', providerIdType: 'local', scope: '587654321' }],
  ['a third payer', changed('SBR*P', 'SBR*T'), { coverageType: 'tertiary' }],
  [
    'a rendering provider',
    oneClaim.flatMap((line) => (line === 'LX*1' ? ['NM1*82*1*A*B****XX*1999998888', line] : [line])),
    { renderingProviderId: '1999998888' },
  ],
  ['an unknown sex and a birth date that is none', changed('19700102*M', '19701302*U'), {}],
])('%s is read', async (_what, body, expected) => {
  const found = await read(body);
  expect(found).toMatchObject(expected);
  expect(found.problems).toEqual([]);
});

test('a date range, minutes and a rendering provider of a line are read', async () => {
  const body = changed('DTP*472*D8*20260215', 'DTP*472*RD8*20260214-20260215').map((line) => line.replace('*UN*1*', '*MJ*61.5*'));
  const found = await read([...body, 'NM1*82*1*A*B****XX*1999998888']);
  expect(found.lines[0]).toMatchObject({
    serviceFrom: february15 - 1,
    serviceTo: february15,
    unitBasis: 'MJ',
    unitsThousandths: 61_500,
    renderingProviderId: '1999998888',
  });
  expect(found).toMatchObject({ serviceFrom: february15 - 1, serviceTo: february15, problems: [] });
});

test.each<[string, SetBody, string[]]>([
  ['three decimals of the total', changed('CLM1*150*', 'CLM1*150.001*'), ['2 BAD_AMOUNT CLM02 0']],
  ['three decimals of a line', changed('99213:25*150', '99213:25*150.001'), ['2 BAD_AMOUNT SV102 1']],
  ['a line without an amount', changed('99213:25*150', '99213:25*'), ['2 BAD_AMOUNT SV102 1']],
  ['a sum that is not the total', changed('CLM1*150*', 'CLM1*150.01*'), ['3 TOTAL_MISMATCH CLM02 0']],
  ['no units', changed('*UN*1*', '*UN*0*'), ['2 BAD_UNITS SV104 1']],
  ['one and a half units', changed('*UN*1*', '*UN*1.5*'), ['2 BAD_UNITS SV104 1']],
  ['negative units', changed('*UN*1*', '*UN*-1*'), ['2 BAD_UNITS SV104 1']],
  ['an unknown basis', changed('*UN*1*', '*F2*1*'), ['2 BAD_UNITS SV104 1']],
  ['a day that there is not', changed('D8*20260215', 'D8*20260230'), ['2 BAD_DATE DTP*472 1', 'workflow REQUIRED_FIELD service_date 0']],
  [
    'a range that ends before it begins',
    changed('D8*20260215', 'RD8*20260215-20260214'),
    ['2 BAD_DATE DTP*472 1', 'workflow REQUIRED_FIELD service_date 0'],
  ],
  ['a range without its end', changed('D8*20260215', 'RD8*20260215'), ['2 BAD_DATE DTP*472 1', 'workflow REQUIRED_FIELD service_date 0']],
  ['a date in an unknown form', changed('D8*20260215', 'TM*1200'), ['2 BAD_DATE DTP*472 1', 'workflow REQUIRED_FIELD service_date 0']],
  [
    'no date',
    oneClaim.filter((line) => !line.startsWith('DTP')),
    ['2 MISSING_ELEMENT DTP*472 1', 'workflow REQUIRED_FIELD service_date 0'],
  ],
  ['a line without a service', [...oneClaim, 'LX*2', 'DTP*472*D8*20260215'], ['2 EMPTY_LINE SV1 2']],
  ['a line with nothing at all', [...oneClaim, 'LX*2'], ['2 EMPTY_LINE SV1 2']],
  ['no diagnosis', oneClaim.filter((line) => !line.startsWith('HI')), ['2 MISSING_ELEMENT HI*ABK 0']],
  ['no line', oneClaim.slice(0, -3), ['2 NO_LINES LX 0', 'workflow REQUIRED_FIELD service_date 0']],
  ['no place of service', changed('11:B:1', ''), ['2 MISSING_ELEMENT CLM05 0']],
  ['no member id', changed('****MI*POL123', ''), ['workflow REQUIRED_FIELD patient_id 0']],
  ['no provider', oneClaim.filter((_, index) => index < 5 || index > 8), ['2 MISSING_ELEMENT NM1*85 0']],
  ['an accident without its date', changed('*Y*A*Y*Y', '*Y*A*Y*Y**AA'), ['4 MISSING_SITUATIONAL DTP*439 0']],
  ['a replacement of nothing', changed(':1*Y*A', ':7*Y*A'), ['4 ORIGINAL_CLAIM_MISSING REF*F8 0']],
])('%s is a problem of the claim, not of its file', async (_what, body, problems) => {
  expect(problemsOf(await read(body))).toEqual(problems);
});

test('a negative amount is what it is: whether it is in range is for the workflow', async () => {
  const found = await read(changed(/\*150\*/, '*-150*'));
  expect([found.totalCents, found.lines[0]?.chargeCents, found.problems]).toEqual([-15_000, -15_000, []]);
});

test('an inpatient stay needs its admission, and any stay its statement dates', async () => {
  const stay = institutionalClaim.map((line) => line.replace('14:A:1', '11:A:1'));
  expect(problemsOf(await read([...header, ...subscriber, ...stay], '005010X223A2'))).toEqual(['4 MISSING_SITUATIONAL DTP*435 0']);
  const undated = institutionalClaim.filter((line) => !line.startsWith('DTP*434'));
  const found = await read([...header, ...subscriber, ...undated], '005010X223A2');
  expect(problemsOf(found)).toEqual(['2 MISSING_ELEMENT DTP*434 0']);
  expect([found.serviceFrom, found.serviceTo]).toEqual([february11, february11 + 2]);
});

test('an institutional line that tells nothing is told once, and one that tells a part as what it lacks', async () => {
  const withLine = (...line: SetBody): Promise<ParsedClaim> =>
    read([...header, ...subscriber, ...institutionalClaim, 'LX*3', ...line], '005010X223A2');
  expect(problemsOf(await withLine('SV2*'))).toEqual(['2 EMPTY_LINE SV2 3']);
  expect(problemsOf(await withLine('SV2******'))).toEqual(['2 EMPTY_LINE SV2 3']);
  expect(problemsOf(await withLine('SV2*0305'))).toEqual(['2 BAD_AMOUNT SV203 3', '2 BAD_UNITS SV205 3']);
});

test('drugs come in fractions: J and Q codes', async () => {
  expect((await read(changed('99213:25', 'J1885').map((line) => line.replace('*UN*1*', '*UN*1.5*')))).problems).toEqual([]);
});

test('a professional claim holds fifty lines, not one more', async () => {
  const lines = (count: number): SetBody =>
    Array.from({ length: count }, (_, index) => [`LX*${index + 1}`, 'SV1*HC:99213*3*UN*1***1', 'DTP*472*D8*20260215']).flat();
  const of = (count: number): SetBody => [
    ...header,
    ...subscriber,
    `CLM*MANY*${count * 3}***11:B:1*Y*A*Y*Y`,
    'HI*ABK:I10',
    ...lines(count),
  ];
  expect((await read(of(50))).problems).toEqual([]);
  expect(problemsOf(await read(of(51)))).toEqual(['2 TOO_MANY_LINES LX 0']);
  expect((await read(of(1000))).lines).toHaveLength(999);
});

test('of more lines than any claim may have no more are read, nor anything that belongs to them', async () => {
  const lines = Array.from({ length: 1001 }, (_, index) => ['LX*1', 'SV1*HC:99213*1*UN*1***1', 'DTP*472*D8*20260215', `REF*G1*A${index}`]);
  const lineAuthorization = (await read([...oneClaim.slice(0, -3), ...lines.slice(998).flat()])).problems;
  expect(lineAuthorization.map(({ code }) => code)).toContain('BAD_FIELD');
  const same = lines.flatMap((line, index) => (index < 999 ? line.slice(0, 3) : line));
  const found = await read([...oneClaim.slice(0, -3), ...same]);
  expect([found.lines.length, found.priorAuthorization, problemsOf(found)]).toEqual([999, '', ['2 TOO_MANY_LINES LX 0']]);
});

const beyond = '90071992547409.91';
const otherPayer: SetBody = ['SBR*S*18*******CI', 'OI***Y***Y', 'NM1*IL*1*DOE*JOHN****MI*X1', 'NM1*PR*2*O*****PI*OTHER'];
/** The claim with other payers’ segments: of the claim (after its diagnoses), of its line. */
const withPayer = (payer: SetBody, ofLine: SetBody = []): SetBody => [
  ...header,
  ...subscriber,
  ...claim().slice(0, 2),
  otherPayer[0] as string,
  ...payer,
  ...otherPayer.slice(1),
  ...claim().slice(2),
  ...ofLine,
];

test.each<[string, SetBody, string[]]>([
  ['a charge', changed('SV1*HC:99213:25*150', `SV1*HC:99213:25*${beyond}`), ['workflow AMOUNT_RANGE SV102 1', '3 TOTAL_MISMATCH CLM02 0']],
  ['a total', changed('CLM*CLM1*150', `CLM*CLM1*${beyond}`), ['workflow AMOUNT_RANGE CLM02 0', '3 TOTAL_MISMATCH CLM02 0']],
  ['what a payer paid', withPayer([`AMT*D*${beyond}`]), ['workflow AMOUNT_RANGE AMT*D 0', '2 BAD_AMOUNT AMT*D 0']],
  ['an adjustment', withPayer([`CAS*CO*45*-${beyond}`, 'AMT*D*1']), ['workflow AMOUNT_RANGE CAS03 0']],
  [
    'what a payer paid of a line',
    withPayer([], [`SVD*OTHER*${beyond}*HC:99213**1`, 'DTP*573*D8*20260301']),
    ['workflow AMOUNT_RANGE SVD02 1', '2 BAD_AMOUNT SVD02 1'],
  ],
])('%s beyond what is counted is for a person', async (_what, body, problems) => {
  expect(problemsOf(await read(body))).toEqual(problems);
});

test.each<[string, SetBody, string[]]>([
  ['paid below zero', withPayer(['AMT*D*-0.01']), ['2 BAD_AMOUNT AMT*D 0']],
  ['paid above the charge', withPayer(['AMT*D*150.01']), ['2 BAD_AMOUNT AMT*D 0']],
  ['paid all of the charge', withPayer(['AMT*D*150']), []],
  ['allowed below zero', withPayer(['AMT*D*1', 'AMT*B6*-1']), ['2 BAD_AMOUNT AMT*B6 0']],
  ['paid below zero of a line', withPayer([], ['SVD*OTHER*-1*HC:99213**1', 'DTP*573*D8*20260301']), ['2 BAD_AMOUNT SVD02 1']],
  ['paid more than the charge of a line', withPayer([], ['SVD*OTHER*150.01*HC:99213**1', 'DTP*573*D8*20260301']), ['2 BAD_AMOUNT SVD02 1']],
  ['an adjustment back', withPayer(['CAS*CO*45*-1', 'AMT*D*1']), []],
])('another payer’s amounts: %s', async (_what, body, problems) => {
  expect(problemsOf(await read(body))).toEqual(problems);
});

test('what other payers told is counted as long as its sum is exact', async () => {
  const decisions = Array.from({ length: 1200 }, () => ['SVD*OTHER*10000000000*HC:99213**1', 'DTP*573*D8*20260301']);
  const found = await read(withPayer([], decisions.flat()));
  expect(problemsOf(found)).toContain('workflow AMOUNT_RANGE SVD02 1');
  // A thousand of them are 10^15 cents; no more is added.
  expect(found.lines[0]?.priorPaidCents).toBe(1_000_000_000_000_000);
});

test.each<[string, SetBody, number]>([
  ['an amount', changed('SV1*HC:99213:25*150', 'SV1*HC:99213:25*15.005'), 15_000],
  ['a total', changed('CLM*CLM1*150*', 'CLM*CLM1*1.505*'), 0],
])('%s that cannot be read leaves the total of the claim as it is told', async (_what, body, cents) => {
  const found = await read(body);
  expect([found.totalCents, found.problems.map(({ code }) => code)]).toEqual([cents, ['BAD_AMOUNT']]);
  expect(found.lines[0]?.chargeCents).toBe(15_000);
});

const authorized = (own: SetBody, first: SetBody, second: SetBody): SetBody => [
  ...oneClaim.slice(0, -4).map((line) => line.replace('*150*', '*300*')),
  ...own,
  ...oneClaim.slice(-4),
  ...first,
  ...oneClaim.slice(-3),
  ...second,
];

test.each<[string, SetBody, SetBody, SetBody, string, string[]]>([
  ['the claim alone', ['REF*G1*A'], [], [], 'A', []],
  ['one line', [], [], ['REF*G1*A'], 'A', []],
  ['all lines alike', [], ['REF*G1*A'], ['REF*G1*A'], 'A', []],
  ['claim and line alike', ['REF*G1*A'], [], ['REF*G1*A'], 'A', []],
  ['lines differently', [], ['REF*G1*A'], ['REF*G1*B'], '', ['2 BAD_FIELD REF*G1 2']],
  ['a line differently from the claim', ['REF*G1*A'], ['REF*G1*B'], [], '', ['2 BAD_FIELD REF*G1 1']],
])('an authorization that is told by %s', async (_what, own, first, second, authorization, problems) => {
  const found = await read(authorized(own, first, second));
  expect([found.priorAuthorization, problemsOf(found)]).toEqual([authorization, problems]);
});

test.each<[string, SetBody, string[]]>([
  ['of the member', changed('MI*POL123', 'MI*POL\u0000123'), ['2 BAD_FIELD NM1*IL 0', 'workflow REQUIRED_FIELD patient_id 0']],
  ['of the payer', changed('PI*87726', 'PI*8\u00017726'), ['2 BAD_FIELD NM1*PR 0']],
  ['of the group', changed('GRP77', 'GRP\u007f'), ['2 BAD_FIELD SBR 0']],
  ['of the provider', changed('XX*1234567893', 'XX*123456\u00009'), ['2 BAD_FIELD NM1*85 0', '2 MISSING_ELEMENT NM1*85 0']],
])('a control character in the identifier %s is a problem', async (_what, body, problems) => {
  expect(problemsOf(await read(body))).toEqual(problems);
});

test.each(['constructor', '__proto__', 'toString'])('%s is no frequency of a claim', async (word) => {
  const { claims } = await splitAll(aSet(oneClaim));
  const { received } = claims[0]!;
  const content = Buffer.from(received.content.toString().replace('11:B:1', `11:B:${word}`));
  expect(readClaim({ ...received, content })).toMatchObject({ ok: true, claim: { frequency: 'original' } });
});

test('names in UTF-8 and in Latin-1 are read', async () => {
  const body = changed('NM1*IL*1*DOE', 'NM1*IL*1*MÜLLER');
  const utf8 = Buffer.from(aSet(body).toString('latin1'), 'utf8');
  const names = await Promise.all([utf8, aSet(body)].map(async (bytes) => readClaim((await splitAll(bytes)).claims[0]!.received)));
  expect(names.map((result) => result.ok && result.claim.patient.lastName)).toEqual(['MÜLLER', 'MÜLLER']);
});

test('one reader reads claims of different subscribers as many readers would', async () => {
  const second = ['HL*3*1*22*0', 'SBR*P*18', 'NM1*IL*1*ROE*JANE****MI*POL9', 'NM1*PR*2*X*****PI*12'];
  const { claims } = await splitAll(aSet([...header, ...subscriber, ...claim('A'), ...claim('B'), ...second, ...claim('C')]));
  const reader = createClaimReader();
  const orders = [0, 1, 2, 0].map((index) => claims[index]!.received);
  expect(orders.map((received) => reader(received))).toEqual(orders.map((received) => readClaim(received)));
});

test.each([
  ['no envelope', { format: 'x12-837p', content: Buffer.from('CLM*1~'), context: Buffer.from('GS*HC~') }, 'MALFORMED_CLAIM'],
  [
    'an envelope of something else',
    { format: 'x12-837p', content: Buffer.from('CLM*1~'), context: Buffer.from(`XXX*${'1*'.repeat(20)}:~`) },
    'MALFORMED_CLAIM',
  ],
  ['an unknown format', { format: 'edifact', content: Buffer.from('x'), context: Buffer.alloc(0) }, 'MALFORMED_CLAIM'],
])('%s cannot be read', (_what, received, code) => {
  expect(readClaim(received)).toEqual({ ok: false, code });
});

test('a claim without its id cannot be read', async () => {
  const [{ received } = { received: null }] = (await splitAll(aSet(oneClaim))).claims;
  expect(readClaim({ ...received!, content: Buffer.from('CLM**150~') })).toEqual({ ok: false, code: 'MISSING_CLAIM_ID' });
  expect(readClaim({ ...received!, content: Buffer.from('HI*ABK:I10~') })).toEqual({ ok: false, code: 'MISSING_CLAIM_ID' });
});
