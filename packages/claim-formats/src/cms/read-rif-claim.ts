import type { ClaimReceived } from '@vigil/contracts';
import type { ParsedClaim, ParsedLine } from '../parsed-claim.ts';
import { parseRifDay } from '../read/calendar-day.ts';
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

/** A cell by its column's name; empty = no such column, or blank. */
type Row = (column: string) => string;

/** Revenue centre of the line that holds the total of the others. */
const totalLine = '0001';

function dayIn(row: Row, column: string, { line, problems }: { readonly line: number; readonly problems: Problems }): number | null {
  const text = row(column);
  if (text === '') return null;
  const day = parseRifDay(text);
  if (day === null) problems.add('2', 'BAD_DATE', column, line);
  return day;
}

const centsIn = (row: Row, column: string, at: Omit<AmountPlace, 'field'>): number | null =>
  readCents(row(column), { ...at, field: column });

/** The first of the columns that holds anything. */
const firstOf = (row: Row, ...columns: readonly string[]): string => columns.map(row).find((text) => text !== '') ?? '';

function diagnosesOf(row: Row): string[] {
  const codes = [row('PRNCPAL_DGNS_CD'), ...Array.from({ length: 25 }, (_, index) => row(`ICD_DGNS_CD${index + 1}`))];
  return [...new Set(codes.map(diagnosisOf).filter((code) => code !== ''))];
}

const modifierColumns = ['HCPCS_1ST_MDFR_CD', 'HCPCS_2ND_MDFR_CD', 'HCPCS_3RD_MDFR_CD', 'HCPCS_4TH_MDFR_CD'];

function unitsIn(row: Row, column: string, of: { readonly code: string; readonly line: number; readonly problems: Problems }): number {
  const thousandths = thousandthsOf(row(column));
  if (thousandths === null || !areUnitsUsable(thousandths, 'UN', of.code)) of.problems.add('2', 'BAD_UNITS', column, of.line);
  return thousandths !== null && thousandths > 0 ? thousandths : 0;
}

/** A line of a carrier or DME claim, or a revenue centre of an institutional one. */
function lineOf(row: Row, line: number, problems: Problems): ParsedLine {
  const isCarrier = row('LINE_NUM') !== '';
  const code = row('HCPCS_CD').toUpperCase();
  const at = { line, problems };
  const pointed = diagnosesOf(row).indexOf(diagnosisOf(row('LINE_ICD_DGNS_CD'))) + 1;
  return {
    line,
    procedureCode: code,
    revenueCode: row('REV_CNTR'),
    modifiers: modifierColumns.map(row).filter((modifier) => modifier !== ''),
    unitsThousandths: unitsIn(row, isCarrier ? 'LINE_SRVC_CNT' : 'REV_CNTR_UNIT_CNT', { code, line, problems }),
    unitBasis: 'UN',
    chargeCents: centsIn(row, isCarrier ? 'LINE_SBMTD_CHRG_AMT' : 'REV_CNTR_TOT_CHRG_AMT', at) ?? 0,
    placeOfService: row('LINE_PLACE_OF_SRVC_CD'),
    diagnosisPointers: pointed > 0 ? [pointed] : [],
    serviceFrom: dayIn(row, isCarrier ? 'LINE_1ST_EXPNS_DT' : 'REV_CNTR_DT', at),
    serviceTo: dayIn(row, isCarrier ? 'LINE_LAST_EXPNS_DT' : 'REV_CNTR_DT', at),
    renderingProviderId: firstOf(row, 'PRF_PHYSN_NPI', 'RNDRNG_PHYSN_NPI'),
    priorPaidCents: null,
  };
}

/** A prescription drug event: one line, its units the quantity that was dispensed. */
function drugLine(row: Row, problems: Problems): ParsedLine {
  const at = { line: 1, problems };
  const thousandths = thousandthsOf(row('QTY_DSPNSD_NUM'));
  if (thousandths === null || thousandths <= 0) problems.add('2', 'BAD_UNITS', 'QTY_DSPNSD_NUM', 1);
  const day = dayIn(row, 'SRVC_DT', at);
  return {
    line: 1,
    procedureCode: row('PROD_SRVC_ID'),
    revenueCode: '',
    modifiers: [],
    unitsThousandths: thousandths !== null && thousandths > 0 ? thousandths : 0,
    unitBasis: 'UN',
    chargeCents: centsIn(row, 'TOT_RX_CST_AMT', at) ?? 0,
    placeOfService: '',
    diagnosisPointers: [],
    serviceFrom: day,
    serviceTo: day,
    renderingProviderId: row('PRSCRBR_ID'),
    priorPaidCents: null,
  };
}

function linesOf(rows: readonly Row[], problems: Problems): ParsedLine[] {
  const [first] = rows as [Row];
  if (first('PDE_ID') !== '') return [drugLine(first, problems)];
  const own = rows.filter(
    (row) => row('REV_CNTR') !== totalLine && (row('LINE_NUM') !== '' || row('CLM_LINE_NUM') !== '' || row('REV_CNTR') !== ''),
  );
  if (own.length === 0) problems.add('2', 'NO_LINES', 'REV_CNTR');
  if (own.length > mostLines) problems.add('2', 'TOO_MANY_LINES', 'REV_CNTR');
  return own.slice(0, mostLines).map((row, index) => lineOf(row, index + 1, problems));
}

const chargeColumns = ['LINE_SBMTD_CHRG_AMT', 'REV_CNTR_TOT_CHRG_AMT', 'TOT_RX_CST_AMT'];
const totalColumns = ['NCH_CARR_CLM_SBMTD_CHRG_AMT', 'CLM_TOT_CHRG_AMT', 'TOT_RX_CST_AMT'];

function claimTypeOf(row: Row): ParsedClaim['claimType'] {
  if (row('PDE_ID') !== '') return 'pharmacy';
  return row('CLM_FAC_TYPE_CD') === '' ? 'professional' : 'institutional';
}

function claimOf(rows: readonly Row[], claimId: string): ParsedClaim {
  const [row] = rows as [Row];
  const problems = createProblems();
  const at = { line: 0, problems };
  const told = linesOf(rows, problems);
  const totalCents = centsIn(row, totalColumns.find((column) => row(column) !== '') ?? 'CLM_TOT_CHRG_AMT', at);
  checkTotal(told, { totalCents, field: 'CLM_TOT_CHRG_AMT', problems });
  const lines = withTotalCharge(told, { totalCents, fields: chargeColumns, problems });
  const serviceFrom = dayIn(row, 'CLM_FROM_DT', at) ?? lines[0]?.serviceFrom ?? null;
  const identifier = (text: string, field: string): string => identifierOf(text, field, problems);
  const patient = { ...nobody, id: identifier(row('BENE_ID'), 'BENE_ID') };
  if (patient.id === '') problems.add('workflow', 'REQUIRED_FIELD', 'patient_id');
  if (serviceFrom === null) problems.add('workflow', 'REQUIRED_FIELD', 'service_date');
  const npi = identifier(firstOf(row, 'CARR_CLM_BLG_NPI_NUM', 'ORG_NPI_NUM', 'PRVDR_NPI'), 'ORG_NPI_NUM');
  const frequency = frequencyOf(row('CLM_FREQ_CD'));
  const original = identifier(row('FI_ORIG_CLM_CNTL_NUM'), 'FI_ORIG_CLM_CNTL_NUM');
  return {
    format: 'cms-rif',
    claimId,
    scope: '',
    claimType: claimTypeOf(row),
    frequency,
    originalClaimId: original === '' ? null : original,
    patient,
    subscriber: patient,
    relationship: 'self',
    policyNumber: patient.id,
    groupNumber: '',
    coverageType: 'primary',
    payerId: identifier(firstOf(row, 'CARR_NUM', 'FI_NUM', 'PLAN_CNTRCT_REC_ID'), 'FI_NUM'),
    providerId: npi === '' ? identifier(firstOf(row, 'SRVC_PRVDR_ID', 'PRVDR_NUM', 'PRF_PHYSN_NPI'), 'PRVDR_NUM') : npi,
    providerIdType: npi === '' ? 'local' : 'npi',
    renderingProviderId: firstOf(row, 'AT_PHYSN_NPI', 'PRF_PHYSN_NPI', 'PRSCRBR_ID'),
    serviceFrom,
    serviceTo: dayIn(row, 'CLM_THRU_DT', at) ?? serviceFrom,
    // When Medicare took it up: without it every old claim would be too late to be filed.
    receivedOn: dayIn(row, 'NCH_WKLY_PROC_DT', at) ?? dayIn(row, 'PD_DT', at),
    placeOfService: commonPlaceOf(lines),
    typeOfBill: row('CLM_FAC_TYPE_CD') + row('CLM_SRVC_CLSFCTN_TYPE_CD') + row('CLM_FREQ_CD'),
    drg: row('CLM_DRG_CD'),
    priorAuthorization: '',
    diagnosisCodes: diagnosesOf(row),
    totalCents: totalCents ?? 0,
    lines,
    priorPayers: [],
    problems: problems.all,
  };
}

/** Reads claims of RIF files; those of one file share its header. */
export function createRifReader(): (received: Pick<ClaimReceived, 'content' | 'context'>) => ClaimRead {
  let header = '';
  let columns: ReadonlyMap<string, number> = new Map();
  return ({ content, context }) => {
    const text = context.toString('utf8').trim();
    if (text !== header) {
      header = text;
      columns = new Map(text.split('|').map((name, index) => [name, index]));
    }
    const cells = content.toString('utf8').split(/\r?\n/).filter((line) => line !== '').map((line) => line.split('|')); // prettier-ignore
    if (cells.length === 0 || cells.some(({ length }) => length !== columns.size)) return unreadable('MALFORMED_CLAIM');
    const rows = cells.map(
      (row): Row =>
        (column) =>
          row[columns.get(column) ?? -1]?.trim() ?? '',
    );
    const id = firstOf(rows[0] as Row, 'CLM_ID', 'PDE_ID');
    return isClaimId(id) ? { ok: true, claim: claimOf(rows, id) } : unreadable('MISSING_CLAIM_ID');
  };
}
