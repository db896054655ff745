import {
  checkTotal,
  commonPlaceOf,
  createProblems,
  isClaimId,
  mostLines,
  nobody,
  unreadable,
  type ClaimRead,
  type Problems,
} from '../read/claim-read.ts';
import { diagnosisOf } from '../read/claim-read.ts';
import type { ParsedClaim, ParsedLine, ParsedPriorPayer } from '../parsed-claim.ts';
import { isJsonObject, parseJsonObject, type JsonValue } from './parse-json.ts';
import { readAmount, readDay, readLine, readPayerAmount, readText, readTexts, type JsonField } from './read-json-fields.ts';
import { withTotalCharge } from '../read/read-amount.ts';

// Maps: an object also has words that nobody wrote into it, `constructor` for one.
const frequencies: ReadonlyMap<string, ParsedClaim['frequency']> = new Map([
  ['new', 'original'],
  ['replacement', 'replacement'],
  ['void', 'void'],
]);
const coverages: ReadonlyMap<string, ParsedClaim['coverageType']> = new Map([
  ['primary', 'primary'],
  ['secondary', 'secondary'],
  ['tertiary', 'tertiary'],
]);

/** One of the documented words in any case; `otherwise` where the field is absent or empty, with a problem where it is another word. */
function readWord<Word extends string>(words: ReadonlyMap<string, Word>, otherwise: Word, { value, field, problems }: JsonField): Word {
  if (value === undefined || value === null) return otherwise;
  const text = typeof value === 'string' ? value.trim().toLowerCase() : null;
  if (text === '') return otherwise;
  const word = text === null ? undefined : words.get(text);
  if (word === undefined) problems.add('2', 'BAD_FIELD', field);
  return word ?? otherwise;
}

function readLines(value: unknown, day: number | null, problems: Problems): ParsedLine[] {
  if (!Array.isArray(value) || value.length === 0) {
    problems.add('2', 'NO_LINES', 'services');
    return [];
  }
  if (value.length > mostLines) problems.add('2', 'TOO_MANY_LINES', 'services');
  return value.slice(0, mostLines).map((service: unknown, index) => readLine(service, { line: index + 1, day, problems }));
}

function readPriorPayer(value: unknown, totalCents: number | null, problems: Problems): ParsedPriorPayer[] {
  if (value === undefined || value === null) return [];
  if (!isJsonObject(value)) {
    problems.add('2', 'BAD_FIELD', 'prior_payer');
    return [];
  }
  const field = (name: string): JsonField => ({ value: value[name], field: `prior_payer.${name}`, line: 0, problems });
  const optional = (name: string): number | null =>
    value[name] === undefined || value[name] === null ? null : readPayerAmount(field(name));
  const paidCents = readPayerAmount(field('paid_amount')) ?? 0;
  if (totalCents !== null && paidCents > Math.max(totalCents, 0)) problems.add('2', 'BAD_AMOUNT', 'prior_payer.paid_amount');
  return [
    {
      payerId: readText(field('payer_id')),
      sequence: 'P',
      allowedCents: optional('allowed_amount'),
      paidCents,
      patientCents: optional('patient_responsibility'),
      adjustments: [],
    },
  ];
}

/** What stands in `insurance_info`, which may be absent. */
function readInsurance(value: unknown, problems: Problems) {
  const isMissing = value === undefined || value === null;
  if (!isMissing && !isJsonObject(value)) problems.add('2', 'BAD_FIELD', 'insurance_info');
  const insurance = isJsonObject(value) ? value : {};
  const field = (name: string): JsonField => ({ value: insurance[name], field: `insurance_info.${name}`, line: 0, problems });
  return {
    policyNumber: readText(field('policy_number')),
    groupNumber: readText(field('group_number')),
    payerId: readText(field('payer_id')),
    coverageType: readWord(coverages, 'primary', field('coverage_type')),
  };
}

/** Without empty entries at the end; one in between stays, since pointers count it. */
const withoutEmptyEnd = (codes: readonly string[]): readonly string[] => codes.slice(0, codes.findLastIndex((code) => code !== '') + 1);

function claimOf(claimId: string, message: JsonValue): ParsedClaim {
  const problems = createProblems();
  const field = (name: string): JsonField => ({ value: message[name], field: name, line: 0, problems });
  const patientId = readText(field('patient_id'));
  if (patientId === '') problems.add('workflow', 'REQUIRED_FIELD', 'patient_id');
  const serviceDate = readDay(field('service_date'));
  if (message['service_date'] === undefined || message['service_date'] === null || message['service_date'] === '') {
    problems.add('workflow', 'REQUIRED_FIELD', 'service_date');
  }
  const frequency = readWord(frequencies, 'original', field('type'));
  const originalClaimId = readText(field('original_claim_id'));
  if (frequency !== 'original' && originalClaimId === '') problems.add('4', 'ORIGINAL_CLAIM_MISSING', 'original_claim_id');
  const told = readLines(message['services'], serviceDate, problems);
  const total = readAmount(field('total_amount'));
  // The amount is of a unit: without the units there is no sum.
  if (!problems.has('BAD_UNITS')) checkTotal(told, { totalCents: total, field: 'total_amount', problems });
  const lines = withTotalCharge(told, { totalCents: total, fields: ['amount', 'units', 'services'], problems });
  const days = [serviceDate, ...lines.map(({ serviceFrom }) => serviceFrom)].filter((day) => day !== null);
  const providerId = readText(field('provider_id'));
  const patient = { ...nobody, id: patientId };
  return {
    format: 'json',
    claimId,
    scope: '',
    claimType: lines.some(({ revenueCode }) => revenueCode !== '') ? 'institutional' : 'professional',
    frequency,
    originalClaimId: originalClaimId === '' ? null : originalClaimId,
    patient,
    subscriber: patient,
    relationship: 'unknown',
    ...readInsurance(message['insurance_info'], problems),
    providerId,
    providerIdType: /^\d{10}$/.test(providerId) ? 'npi' : 'local',
    renderingProviderId: '',
    serviceFrom: days.length === 0 ? null : Math.min(...days),
    serviceTo: days.length === 0 ? null : Math.max(...days),
    receivedOn: readDay(field('received_date')),
    placeOfService: commonPlaceOf(lines),
    typeOfBill: '',
    drg: '',
    priorAuthorization: readText(field('prior_authorization')),
    diagnosisCodes: withoutEmptyEnd(readTexts(field('diagnosis_codes'))).map(diagnosisOf),
    totalCents: total ?? 0,
    lines,
    priorPayers: readPriorPayer(message['prior_payer'], total, problems),
    problems: problems.all,
  };
}

/**
 * Reads the customer's claim, docs/guides/submit-claims.md. What has the wrong shape is left out and named in `problems`.
 * @returns EMPTY_VALUE, INVALID_UTF8, NOT_JSON, BAD_SHAPE or MISSING_CLAIM_ID where there is no claim to speak of
 */
export function readJsonClaim(bytes: Buffer): ClaimRead {
  const read = parseJsonObject(bytes);
  if (!read.ok) return unreadable(read.code);
  const id = read.value['claim_id'];
  if (typeof id !== 'string' || !isClaimId(id)) return unreadable('MISSING_CLAIM_ID');
  return { ok: true, claim: claimOf(id, read.value) };
}
