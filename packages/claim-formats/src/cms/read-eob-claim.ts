import type { ParsedClaim, ParsedLine } from '../parsed-claim.ts';
import { parseIsoDay } from '../read/calendar-day.ts';
import {
  areUnitsUsable,
  checkTotal,
  commonPlaceOf,
  createProblems,
  diagnosisOf,
  frequencyOf,
  identifierOf,
  isClaimId,
  mostLines,
  nobody,
  unreadable,
  type ClaimRead,
  type Problems,
} from '../read/claim-read.ts';
import { thousandthsOf } from '../read/decimal.ts';
import { readCents, withTotalCharge, type AmountPlace } from '../read/read-amount.ts';
import { amountTextOf, decimalTextOf, isJsonObject, parseJsonObject, type JsonValue } from '../json/parse-json.ts';

/** Text of a member, whether it is written as text or as a number; empty = absent. */
const textIn = (value: JsonValue, name: string): string => {
  const found = value[name];
  return (typeof found === 'string' ? found : (decimalTextOf(found) ?? '')).trim();
};
const listIn = (value: JsonValue, name: string): readonly JsonValue[] => {
  const found = value[name];
  return Array.isArray(found) ? found.filter(isJsonObject) : [];
};
const partIn = (value: JsonValue, name: string): JsonValue => {
  const part = value[name];
  return isJsonObject(part) ? part : {};
};

/** What the file writes where it has no date. */
const noDates = new Set(['', '9999-12-31', '1000-01-01']);

function dayIn(value: JsonValue, name: string, { line, problems }: { readonly line: number; readonly problems: Problems }): number | null {
  const text = textIn(value, name);
  if (noDates.has(text)) return null;
  const day = parseIsoDay(text);
  if (day === null) problems.add('2', 'BAD_DATE', name, line);
  return day;
}

const centsIn = (value: JsonValue, name: string, at: Omit<AmountPlace, 'field'>): number | null => {
  const found = value[name];
  return readCents(typeof found === 'string' ? found.trim() : (amountTextOf(found) ?? ''), { ...at, field: name });
};

function diagnosesOf(value: JsonValue): string[] {
  const all = listIn(value, 'diagnoses');
  const ofKind = (kind: string): string[] =>
    all.filter((entry) => textIn(entry, 'CLM_PROD_TYPE_CD') === kind).map((entry) => diagnosisOf(textIn(entry, 'CLM_DGNS_CD')));
  return [...new Set([...ofKind('P'), ...ofKind('D')].filter((code) => code !== ''))];
}

function lineOf(
  value: JsonValue,
  line: number,
  { diagnoses, problems }: { readonly diagnoses: readonly string[]; readonly problems: Problems },
): ParsedLine {
  const procedureCode = textIn(value, 'CLM_LINE_HCPCS_CD').toUpperCase() || textIn(value, 'CLM_LINE_NDC_CD');
  const thousandths = thousandthsOf(textIn(value, 'CLM_LINE_SRVC_UNIT_QTY') || textIn(value, 'CLM_LINE_NDC_QTY'));
  if (thousandths === null || !areUnitsUsable(thousandths, 'UN', procedureCode))
    problems.add('2', 'BAD_UNITS', 'CLM_LINE_SRVC_UNIT_QTY', line);
  const pointer = diagnoses.indexOf(diagnosisOf(textIn(value, 'CLM_LINE_DGNS_CD'))) + 1;
  const from = dayIn(value, 'CLM_LINE_FROM_DT', { line, problems }) ?? dayIn(value, 'CLM_LINE_INSTNL_REV_CTR_DT', { line, problems });
  return {
    line,
    procedureCode,
    revenueCode: textIn(value, 'CLM_LINE_REV_CTR_CD'),
    modifiers: [1, 2, 3, 4].map((number) => textIn(value, `HCPCS_${number}_MDFR_CD`)).filter((modifier) => modifier !== ''),
    unitsThousandths: thousandths !== null && thousandths > 0 ? thousandths : 0,
    unitBasis: 'UN',
    chargeCents: centsIn(value, 'CLM_LINE_SBMT_CHRG_AMT', { line, problems }) ?? 0,
    placeOfService: textIn(value, 'CLM_POS_CD'),
    diagnosisPointers: pointer > 0 ? [pointer] : [],
    serviceFrom: from,
    serviceTo: dayIn(value, 'CLM_LINE_THRU_DT', { line, problems }) ?? from,
    renderingProviderId: textIn(value, 'PRVDR_RNDRNG_PRVDR_NPI_NUM'),
    priorPaidCents: null,
  };
}

const totalLine = '0001';

function claimTypeOf(value: JsonValue): ParsedClaim['claimType'] {
  if (isJsonObject(value['institutionalComponents'])) return 'institutional';
  if (isJsonObject(value['rxSupportingInfo']) || textIn(value, 'CLM_LINE_RX_NUM') !== '') return 'pharmacy';
  return 'professional';
}

function claimOf(value: JsonValue, claimId: string): ParsedClaim {
  const problems = createProblems();
  const at = { line: 0, problems };
  const diagnoses = diagnosesOf(value);
  const own = listIn(value, 'lineItemComponents').filter((line) => textIn(line, 'CLM_LINE_REV_CTR_CD') !== totalLine);
  const told = own.slice(0, mostLines).map((line, index) => lineOf(line, index + 1, { diagnoses, problems }));
  if (told.length === 0) problems.add('2', 'NO_LINES', 'lineItemComponents');
  if (own.length > mostLines) problems.add('2', 'TOO_MANY_LINES', 'lineItemComponents');
  const totalCents = centsIn(value, 'CLM_SBMT_CHRG_AMT', at);
  checkTotal(told, { totalCents, field: 'CLM_SBMT_CHRG_AMT', problems });
  const lines = withTotalCharge(told, { totalCents, fields: ['CLM_LINE_SBMT_CHRG_AMT'], problems });
  const serviceFrom = dayIn(value, 'CLM_FROM_DT', at);
  const identifier = (name: string): string => identifierOf(textIn(value, name), name, problems);
  const patient = { ...nobody, id: identifier('BENE_SK') };
  if (patient.id === '') problems.add('workflow', 'REQUIRED_FIELD', 'patient_id');
  if (serviceFrom === null) problems.add('workflow', 'REQUIRED_FIELD', 'service_date');
  const npi = identifier('PRVDR_BLG_PRVDR_NPI_NUM');
  const original = identifier('CLM_ORIG_CNTL_NUM');
  return {
    format: 'cms-eob',
    claimId,
    scope: '',
    claimType: claimTypeOf(value),
    frequency: frequencyOf(textIn(value, 'CLM_BILL_FREQ_CD')),
    originalClaimId: original === '' ? null : original,
    patient,
    subscriber: patient,
    relationship: 'self',
    policyNumber: patient.id,
    groupNumber: '',
    coverageType: 'primary',
    payerId: identifier('CLM_CNTRCTR_NUM'),
    providerId: npi === '' ? identifier('CLM_BLG_PRVDR_OSCAR_NUM') : npi,
    providerIdType: npi === '' ? 'local' : 'npi',
    renderingProviderId: textIn(value, 'PRVDR_ATNDG_PRVDR_NPI_NUM') || textIn(value, 'PRVDR_RNDRNG_PRVDR_NPI_NUM'),
    serviceFrom,
    serviceTo: dayIn(value, 'CLM_THRU_DT', at) ?? serviceFrom,
    receivedOn: dayIn(value, 'CLM_SUBMSN_DT', at),
    placeOfService: commonPlaceOf(lines),
    typeOfBill: textIn(value, 'CLM_BILL_FAC_TYPE_CD') + textIn(value, 'CLM_BILL_CLSFCTN_CD') + textIn(value, 'CLM_BILL_FREQ_CD'),
    drg: textIn(partIn(value, 'institutionalComponents'), 'DGNS_DRG_CD'),
    priorAuthorization: '',
    diagnosisCodes: diagnoses,
    totalCents: totalCents ?? 0,
    lines,
    priorPayers: [],
    problems: problems.all,
  };
}

/**
 * Reads an explanation of benefits of CMS's synthetic data (BFD, IDR sample data) as the claim it explains.
 * @returns the codes of `readJsonClaim`
 */
export function readEobClaim(bytes: Buffer): ClaimRead {
  const read = parseJsonObject(bytes);
  if (!read.ok) return unreadable(read.code);
  const id = textIn(read.value, 'CLM_UNIQ_ID');
  return isClaimId(id) ? { ok: true, claim: claimOf(read.value, id) } : unreadable('MISSING_CLAIM_ID');
}
