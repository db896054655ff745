import { expect, test } from '@jest/globals';
import { findingsOf, splitAll } from '../../test-support/split-all.ts';
import { readClaim, type ParsedClaim } from '../index.ts';

/** 2015-05-30: 45 years to 2015-01-01 have 16,436 days; January to April have 120. */
const may30 = 16_436 + 120 + 29;

function rif(columns: readonly string[], ...rows: readonly Readonly<Record<string, string>>[]): string {
  return [columns.join('|'), ...rows.map((row) => columns.map((column) => row[column] ?? '').join('|'))].join('\n');
}
async function readAll(text: string): Promise<ParsedClaim[]> {
  const { claims } = await splitAll(text);
  return claims.map(({ received }) => {
    const result = readClaim(received);
    if (!result.ok) throw new Error(result.code);
    return result.claim;
  });
}
const problemsOf = (claim: ParsedClaim | undefined): string[] =>
  (claim?.problems ?? []).map(({ level, code, field, line }) => `${level} ${code} ${field} ${line}`);

const carrierColumns = 'DML_IND BENE_ID CLM_ID CLM_FROM_DT CLM_THRU_DT NCH_WKLY_PROC_DT CARR_NUM NCH_CARR_CLM_SBMTD_CHRG_AMT PRNCPAL_DGNS_CD ICD_DGNS_CD1 ICD_DGNS_CD2 CARR_CLM_BLG_NPI_NUM ORG_NPI_NUM LINE_NUM PRF_PHYSN_NPI LINE_SRVC_CNT LINE_PLACE_OF_SRVC_CD LINE_1ST_EXPNS_DT LINE_LAST_EXPNS_DT HCPCS_CD HCPCS_1ST_MDFR_CD LINE_SBMTD_CHRG_AMT LINE_ICD_DGNS_CD'.split(' '); // prettier-ignore
const carrierRow = {
  DML_IND: 'INSERT',
  BENE_ID: '-1000006',
  CLM_ID: '-100000486',
  CLM_FROM_DT: '30-May-2015',
  CLM_THRU_DT: '30-May-2015',
  NCH_WKLY_PROC_DT: '04-Jun-2015',
  CARR_NUM: '31143',
  NCH_CARR_CLM_SBMTD_CHRG_AMT: '704.20',
  PRNCPAL_DGNS_CD: 'O039',
  ICD_DGNS_CD1: 'O039',
  ICD_DGNS_CD2: 'E03.4',
  ORG_NPI_NUM: '8888819926',
  LINE_NUM: '1',
  PRF_PHYSN_NPI: '9999310391',
  LINE_SRVC_CNT: '9',
  LINE_PLACE_OF_SRVC_CD: '11',
  LINE_1ST_EXPNS_DT: '30-May-2015',
  LINE_LAST_EXPNS_DT: '30-May-2015',
  HCPCS_CD: '99213',
  HCPCS_1ST_MDFR_CD: '25',
  LINE_SBMTD_CHRG_AMT: '136.80',
  LINE_ICD_DGNS_CD: 'E034',
};
const second = { ...carrierRow, LINE_NUM: '2', LINE_SBMTD_CHRG_AMT: '567.40' };

test('rows of one claim that follow each other are one claim; the header goes with each', async () => {
  const text = rif(carrierColumns, carrierRow, second, { ...carrierRow, CLM_ID: '-2' });
  const { claims } = await splitAll(text);
  expect(claims.map(({ key, received }) => [key, received.line, received.content.toString().split('\n').length - 1])).toEqual([
    ['-100000486', 2, 2],
    ['-2', 4, 1],
  ]);
  expect(claims[0]?.received).toMatchObject({ format: 'cms-rif', context: Buffer.from(carrierColumns.join('|')), ordinal: 0 });
});

test('a carrier claim is read', async () => {
  const [claim] = await readAll(`${rif(carrierColumns, carrierRow, second).replaceAll('\n', '\r\n')}\r\n`);
  expect(claim).toMatchObject({
    format: 'cms-rif',
    claimId: '-100000486',
    claimType: 'professional',
    patient: { id: '-1000006' },
    policyNumber: '-1000006',
    payerId: '31143',
    providerId: '8888819926',
    providerIdType: 'npi',
    renderingProviderId: '9999310391',
    serviceFrom: may30,
    serviceTo: may30,
    receivedOn: may30 + 5,
    diagnosisCodes: ['O039', 'E034'],
    totalCents: 70_420,
    problems: [],
  });
  expect(
    claim?.lines.map(({ procedureCode, modifiers, chargeCents, unitsThousandths, diagnosisPointers }) => [
      procedureCode,
      modifiers,
      chargeCents,
      unitsThousandths,
      diagnosisPointers,
    ]),
  ).toEqual([
    ['99213', ['25'], 13_680, 9000, [2]],
    ['99213', ['25'], 56_740, 9000, [2]],
  ]);
});

test.each<[string, Partial<Record<string, string>>, string[]]>([
  ['more money than is counted', { LINE_SBMTD_CHRG_AMT: '99999999999.99' }, ['workflow AMOUNT_RANGE LINE_SBMTD_CHRG_AMT 1', '3 TOTAL_MISMATCH CLM_TOT_CHRG_AMT 0']], // prettier-ignore
  ['a control character', { BENE_ID: 'B\0A' }, ['2 BAD_FIELD BENE_ID 0', 'workflow REQUIRED_FIELD patient_id 0']],
])('a row with %s has a problem', async (_what, changes, problems) => {
  const row = { ...carrierRow, NCH_CARR_CLM_SBMTD_CHRG_AMT: carrierRow.LINE_SBMTD_CHRG_AMT, ...changes };
  expect(problemsOf((await readAll(rif(carrierColumns, row)))[0])).toEqual(problems);
});

test.each([
  ['that cannot be read is the total', { LINE_SBMTD_CHRG_AMT: 'x' }, 13_680],
  ['of nothing stays nothing, even without units', { LINE_SBMTD_CHRG_AMT: '0', LINE_SRVC_CNT: '0' }, 0],
])('the charge of an only row %s', async (_what, changes, cents) => {
  const row = { ...carrierRow, NCH_CARR_CLM_SBMTD_CHRG_AMT: '136.80', ...changes };
  expect((await readAll(rif(carrierColumns, row)))[0]?.lines.map(({ chargeCents }) => chargeCents)).toEqual([cents]);
});

test('of more rows than a claim may have lines no more are read', async () => {
  const rows = Array.from({ length: 1001 }, () => carrierRow);
  const [claim] = await readAll(rif(carrierColumns, ...rows));
  expect([claim?.lines.length, problemsOf(claim)]).toEqual([999, ['2 TOO_MANY_LINES REV_CNTR 0']]);
});

test('an institutional claim leaves out the revenue centre that adds up the others', async () => {
  const columns = 'BENE_ID CLM_ID CLM_FROM_DT CLM_THRU_DT CLM_FAC_TYPE_CD CLM_SRVC_CLSFCTN_TYPE_CD CLM_FREQ_CD PRVDR_NUM FI_NUM FI_ORIG_CLM_CNTL_NUM AT_PHYSN_NPI CLM_TOT_CHRG_AMT CLM_DRG_CD PRNCPAL_DGNS_CD CLM_LINE_NUM REV_CNTR REV_CNTR_UNIT_CNT REV_CNTR_TOT_CHRG_AMT'.split(' '); // prettier-ignore
  const row = { BENE_ID: 'B', CLM_ID: 'I', CLM_FROM_DT: '30-May-2015', CLM_THRU_DT: '31-May-2015', CLM_FAC_TYPE_CD: '1', CLM_SRVC_CLSFCTN_TYPE_CD: '1', CLM_FREQ_CD: '7', PRVDR_NUM: '220135', FI_ORIG_CLM_CNTL_NUM: 'OLD', AT_PHYSN_NPI: '9999994996', CLM_TOT_CHRG_AMT: '300', CLM_DRG_CD: '375', PRNCPAL_DGNS_CD: 'C188', CLM_LINE_NUM: '1', REV_CNTR: '0120', REV_CNTR_UNIT_CNT: '2', REV_CNTR_TOT_CHRG_AMT: '300' }; // prettier-ignore
  const [claim, ...others] = await readAll(rif(columns, row, { ...row, CLM_LINE_NUM: '2', REV_CNTR: '0001' }));
  expect(others).toEqual([]);
  expect(claim).toMatchObject({
    claimType: 'institutional',
    typeOfBill: '117',
    frequency: 'replacement',
    originalClaimId: 'OLD',
    drg: '375',
    providerId: '220135',
    providerIdType: 'local',
    renderingProviderId: '9999994996',
    serviceTo: may30 + 1,
    receivedOn: null,
    totalCents: 30_000,
    problems: [],
  });
  expect(claim?.lines.map(({ revenueCode, chargeCents }) => [revenueCode, chargeCents])).toEqual([['0120', 30_000]]);
  expect(problemsOf((await readAll(rif(columns, { ...row, REV_CNTR: '0001' })))[0])).toEqual(['2 NO_LINES REV_CNTR 0']);
});

const drugColumns =
  'PDE_ID BENE_ID SRVC_DT PD_DT SRVC_PRVDR_ID PRSCRBR_ID PROD_SRVC_ID PLAN_CNTRCT_REC_ID QTY_DSPNSD_NUM TOT_RX_CST_AMT'.split(' ');
const drugRow = { PDE_ID: '-100000806', BENE_ID: 'B', SRVC_DT: '30-May-2015', PD_DT: '31-May-2015', SRVC_PRVDR_ID: 'PCP257488', PRSCRBR_ID: '9999928309', PROD_SRVC_ID: '50090443201', PLAN_CNTRCT_REC_ID: 'Z0004', QTY_DSPNSD_NUM: '90.5', TOT_RX_CST_AMT: '35.74' }; // prettier-ignore

test('a prescription drug event is a pharmacy claim of one line', async () => {
  const [claim] = await readAll(rif(drugColumns, drugRow));
  expect(claim).toMatchObject({
    claimId: '-100000806',
    claimType: 'pharmacy',
    providerId: 'PCP257488',
    providerIdType: 'local',
    payerId: 'Z0004',
    serviceFrom: may30,
    receivedOn: may30 + 1,
    totalCents: 3574,
    problems: [],
  });
  expect(claim?.lines).toMatchObject([
    { procedureCode: '50090443201', unitsThousandths: 90_500, chargeCents: 3574, renderingProviderId: '9999928309' },
  ]);
});

test.each([
  [
    'a date of another form',
    rif(carrierColumns, { ...carrierRow, NCH_CARR_CLM_SBMTD_CHRG_AMT: '136.80', CLM_FROM_DT: '2015-05-30' }),
    ['2 BAD_DATE CLM_FROM_DT 0'],
  ],
  [
    'a month that there is not',
    rif(carrierColumns, { ...carrierRow, NCH_CARR_CLM_SBMTD_CHRG_AMT: '136.80', CLM_FROM_DT: '30-Mai-2015' }),
    ['2 BAD_DATE CLM_FROM_DT 0'],
  ],
  ['an amount that is none', rif(carrierColumns, { ...carrierRow, LINE_SBMTD_CHRG_AMT: 'x' }), ['2 BAD_AMOUNT LINE_SBMTD_CHRG_AMT 1']],
  ['a sum that is not the total', rif(carrierColumns, carrierRow), ['3 TOTAL_MISMATCH CLM_TOT_CHRG_AMT 0']],
  [
    'no units',
    rif(carrierColumns, { ...carrierRow, NCH_CARR_CLM_SBMTD_CHRG_AMT: '136.80', LINE_SRVC_CNT: '0' }),
    ['2 BAD_UNITS LINE_SRVC_CNT 1'],
  ],
  ['no quantity', rif(drugColumns, { ...drugRow, QTY_DSPNSD_NUM: '0' }), ['2 BAD_UNITS QTY_DSPNSD_NUM 1']],
  [
    'no beneficiary and no date',
    rif(drugColumns, { ...drugRow, BENE_ID: '', SRVC_DT: '' }),
    ['workflow REQUIRED_FIELD patient_id 0', 'workflow REQUIRED_FIELD service_date 0'],
  ],
])('%s is a problem', async (_what, text, problems) => {
  expect(problemsOf((await readAll(text))[0])).toEqual(problems);
});

test('a row with a cell too few, and one without an id, cannot be read', async () => {
  const { claims } = await splitAll(`${rif(drugColumns, drugRow).slice(0, -6)}\n|${'x|'.repeat(8)}x\nx|y`);
  expect(claims.map(({ received }) => readClaim(received))).toEqual([
    { ok: false, code: 'MALFORMED_CLAIM' },
    { ok: false, code: 'MISSING_CLAIM_ID' },
    { ok: false, code: 'MALFORMED_CLAIM' },
  ]);
});

test('a RIF file without claims is no file of claims', async () => {
  expect(findingsOf(await splitAll('DML_IND|BENE_ID|STATE_CODE|SEX\nINSERT|1|2|3'))).toEqual(['NOT_A_CLAIM@0']);
});

test('a claim whose rows no record holds is rejected in parts, the next one taken', async () => {
  const wide = { ...carrierRow, HCPCS_1ST_MDFR_CD: 'x'.repeat(900_000) };
  const result = await splitAll(rif(carrierColumns, wide, wide, wide, wide, wide, { ...carrierRow, CLM_ID: 'N' }), { chunkBytes: 700_000 });
  expect(result.claims.map(({ key, received }) => [key, received.ordinal])).toEqual([['N', 1]]);
  expect(result.rejected.map(({ record }) => [record.parts, record.claims])).toEqual([
    [0, 0],
    [2, 1],
  ]);
  const line = await splitAll(rif(carrierColumns, { ...carrierRow, HCPCS_1ST_MDFR_CD: 'x'.repeat(5_000_000) }), { chunkBytes: 700_000 });
  expect([line.received, line.rejectedClaims]).toEqual([0, 1]);
});

const eob = {
  resourceType: 'ExplanationOfBenefitBase',
  BENE_SK: '12345',
  CLM_TYPE_CD: 71,
  CLM_UNIQ_ID: 'E1',
  CLM_FROM_DT: '2015-05-30',
  CLM_THRU_DT: '9999-12-31',
  CLM_SUBMSN_DT: '2015-05-31',
  PRVDR_BLG_PRVDR_NPI_NUM: '1942945159',
  CLM_SBMT_CHRG_AMT: '60.11',
  CLM_CNTRCTR_NUM: '10312',
  diagnoses: [
    { CLM_DGNS_CD: 'M48.063', CLM_PROD_TYPE_CD: 'D' },
    { CLM_DGNS_CD: 'M48.062', CLM_PROD_TYPE_CD: 'P' },
    { CLM_DGNS_CD: '', CLM_PROD_TYPE_CD: 'D' },
  ],
  lineItemComponents: [
    {
      CLM_LINE_NUM: '1',
      CLM_LINE_HCPCS_CD: '99213',
      CLM_LINE_SRVC_UNIT_QTY: '3.000',
      CLM_LINE_SBMT_CHRG_AMT: '50.11',
      CLM_LINE_DGNS_CD: 'M48.063',
      CLM_POS_CD: '11',
      HCPCS_1_MDFR_CD: 'A2',
      CLM_LINE_FROM_DT: '2015-05-30',
    },
    {
      CLM_LINE_NUM: '2',
      CLM_LINE_HCPCS_CD: 'J2270',
      CLM_LINE_SRVC_UNIT_QTY: 1.5,
      CLM_LINE_SBMT_CHRG_AMT: 10,
      CLM_LINE_INSTNL_REV_CTR_DT: '2015-05-31',
    },
    { CLM_LINE_NUM: '3', CLM_LINE_REV_CTR_CD: '0001', CLM_LINE_SBMT_CHRG_AMT: '60.11' },
  ],
};
const readEob = async (changes: object = {}): Promise<ParsedClaim | undefined> =>
  (await readAll(JSON.stringify({ ...eob, ...changes })))[0];

test('an explanation of benefits is read as the claim it explains', async () => {
  const claim = await readEob();
  expect(claim).toMatchObject({
    format: 'cms-eob',
    claimId: 'E1',
    claimType: 'professional',
    policyNumber: '12345',
    providerId: '1942945159',
    payerId: '10312',
    serviceFrom: may30,
    serviceTo: may30,
    receivedOn: may30 + 1,
    // One line has a place, the other has none.
    placeOfService: '',
    diagnosisCodes: ['M48062', 'M48063'],
    totalCents: 6011,
    problems: [],
  });
  expect(
    claim?.lines.map(({ procedureCode, chargeCents, unitsThousandths, diagnosisPointers, serviceFrom }) => [
      procedureCode,
      chargeCents,
      unitsThousandths,
      diagnosisPointers,
      serviceFrom,
    ]),
  ).toEqual([
    ['99213', 5011, 3000, [2], may30],
    ['J2270', 1000, 1500, [], may30 + 1],
  ]);
});

test.each<[object, Partial<ParsedClaim>]>([
  [
    {
      institutionalComponents: { DGNS_DRG_CD: '460' },
      CLM_BILL_FAC_TYPE_CD: '1',
      CLM_BILL_CLSFCTN_CD: '2',
      CLM_BILL_FREQ_CD: '8',
      CLM_ORIG_CNTL_NUM: 'OLD',
    },
    { claimType: 'institutional', drg: '460', typeOfBill: '128', frequency: 'void', originalClaimId: 'OLD' },
  ],
  [{ rxSupportingInfo: {} }, { claimType: 'pharmacy' }],
  [
    { PRVDR_BLG_PRVDR_NPI_NUM: '', CLM_BLG_PRVDR_OSCAR_NUM: '00024' },
    { providerId: '00024', providerIdType: 'local' },
  ],
])('%j', async (changes, expected) => {
  expect(await readEob(changes)).toMatchObject(expected);
});

test.each([
  [{ lineItemComponents: [] }, ['2 NO_LINES lineItemComponents 0']],
  [{ lineItemComponents: 'none' }, ['2 NO_LINES lineItemComponents 0']],
  [{ CLM_SBMT_CHRG_AMT: '60.12' }, ['3 TOTAL_MISMATCH CLM_SBMT_CHRG_AMT 0']],
  [{ CLM_SBMT_CHRG_AMT: null }, ['2 BAD_AMOUNT CLM_SBMT_CHRG_AMT 0']],
  [{ CLM_FROM_DT: 'May' }, ['2 BAD_DATE CLM_FROM_DT 0', 'workflow REQUIRED_FIELD service_date 0']],
  [{ BENE_SK: '' }, ['workflow REQUIRED_FIELD patient_id 0']],
  [{ BENE_SK: 'B\u0001' }, ['2 BAD_FIELD BENE_SK 0', 'workflow REQUIRED_FIELD patient_id 0']],
  [{ CLM_SBMT_CHRG_AMT: 1e22 }, ['workflow AMOUNT_RANGE CLM_SBMT_CHRG_AMT 0', '3 TOTAL_MISMATCH CLM_SBMT_CHRG_AMT 0']],
  [
    { diagnoses: null, lineItemComponents: [{ CLM_LINE_SRVC_UNIT_QTY: '0', CLM_LINE_SBMT_CHRG_AMT: '60.11' }] },
    ['2 BAD_UNITS CLM_LINE_SRVC_UNIT_QTY 1'],
  ],
])('%j: %j', async (changes, problems) => {
  expect(problemsOf(await readEob(changes))).toEqual(problems);
});

test('an explanation of more lines than a claim may have is read as far as those', async () => {
  const lineItemComponents = Array.from({ length: 1000 }, () => eob.lineItemComponents[0]);
  const claim = await readEob({ lineItemComponents });
  expect([claim?.lines.length, problemsOf(claim)]).toEqual([999, ['2 TOO_MANY_LINES lineItemComponents 0']]);
});

test('the total of an explanation is the charge of its only line where that cannot be read', async () => {
  const [line] = eob.lineItemComponents;
  const claim = await readEob({ lineItemComponents: [{ ...line, CLM_LINE_SBMT_CHRG_AMT: 'x' }] });
  expect(claim?.lines.map(({ chargeCents }) => chargeCents)).toEqual([6011]);
});

test('an explanation without an id, or that is no JSON, cannot be read', () => {
  const of = (text: string) => readClaim({ format: 'cms-eob', content: Buffer.from(text), context: Buffer.alloc(0) });
  expect([of('{}'), of('{')]).toEqual([
    { ok: false, code: 'MISSING_CLAIM_ID' },
    { ok: false, code: 'NOT_JSON' },
  ]);
});
