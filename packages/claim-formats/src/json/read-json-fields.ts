import type { ParsedLine } from '../parsed-claim.ts';
import { parseIsoDay } from '../read/calendar-day.ts';
import { areUnitsUsable, createProblems, isPrintable, type Problems } from '../read/claim-read.ts';
import { thousandthsOf, timesUnits } from '../read/decimal.ts';
import { mostCents, readCents, readPayerCents } from '../read/read-amount.ts';
import { amountTextOf, isJsonObject } from './parse-json.ts';

/** A member of the claim, of the service line `line` (0 = of the claim as a whole). */
export interface JsonField {
  readonly value: unknown;
  readonly field: string;
  readonly line?: number;
  readonly problems: Problems;
}

const isAbsent = (value: unknown): boolean => value === undefined || value === null;

/** Text; empty where it is absent, with a problem where it is no text or holds a control character. */
export function readText({ value, field, line = 0, problems }: JsonField): string {
  const text = typeof value === 'string' ? value.trim() : null;
  if (text !== null && isPrintable(text)) return text;
  if (!isAbsent(value)) problems.add('2', 'BAD_FIELD', field, line);
  return '';
}

/** Texts; an entry of null is an empty one. */
export function readTexts({ value, field, line = 0, problems }: JsonField): string[] {
  if (isAbsent(value)) return [];
  const texts = Array.isArray(value)
    ? value.map((item: unknown) => (item === null ? '' : typeof item === 'string' ? item.trim() : null))
    : [null];
  if (texts.every((text) => text !== null && isPrintable(text))) return texts as string[];
  problems.add('2', 'BAD_FIELD', field, line);
  return [];
}

/** Days since 1970-01-01; null where it is absent or, with a problem, not `YYYY-MM-DD`. */
export function readDay({ value, field, line = 0, problems }: JsonField): number | null {
  if (isAbsent(value) || value === '') return null;
  const day = typeof value === 'string' ? parseIsoDay(value) : null;
  if (day === null) problems.add('workflow', 'DATE_FORMAT', field, line);
  return day;
}

/** Cents of a JSON number with at most two decimals; null, with a problem, where it is none. */
export const readAmount = ({ value, field, line = 0, problems }: JsonField): number | null =>
  readCents(amountTextOf(value) ?? '', { field, line, problems });

/** As `readAmount`, of an amount that the payer before told. */
export const readPayerAmount = ({ value, field, line = 0, problems }: JsonField): number | null =>
  readPayerCents(amountTextOf(value) ?? '', { field, line, problems });

/** A place of service, as text or as a number from 1 to 99: JSON writers drop the quotes of 11. */
export function readPlace(of: JsonField): string {
  const { value } = of;
  const isNumber = typeof value === 'number' && Number.isInteger(value) && value >= 1 && value <= 99;
  return isNumber ? String(value).padStart(2, '0') : readText(of);
}

function readUnits(value: unknown, code: string, { line, problems }: { readonly line: number; readonly problems: Problems }): number {
  if (isAbsent(value)) return 1000;
  const text = amountTextOf(value);
  const thousandths = text === null ? null : thousandthsOf(text);
  const isUsable = thousandths !== null && thousandths <= 1_000_000_000 && areUnitsUsable(thousandths, 'UN', code);
  if (!isUsable) problems.add('2', 'BAD_UNITS', 'units', line);
  return thousandths !== null && thousandths >= 0 && thousandths <= 1_000_000_000 ? thousandths : 0;
}

function readPointers({ value, field, line = 0, problems }: JsonField): number[] {
  if (isAbsent(value)) return [];
  if (Array.isArray(value) && value.every((item) => Number.isInteger(item) && item >= 1 && item <= 99)) return value as number[];
  problems.add('2', 'BAD_FIELD', field, line);
  return [];
}

/** Line `line` of a claim whose own date of service is `day`. */
export interface LinePlace {
  readonly line: number;
  readonly day: number | null;
  readonly problems: Problems;
}

const tellsNothing = (service: unknown): boolean =>
  !isJsonObject(service) || Object.values(service).every((value) => isAbsent(value) || value === '');

/** One entry of `services`: the amount is that of a unit. Without a date it has the claim's, whatever those of other lines are. */
export function readLine(service: unknown, { line, day: claimDay, problems: told }: LinePlace): ParsedLine {
  const value = isJsonObject(service) ? service : {};
  const isEmpty = tellsNothing(service);
  if (isEmpty) told.add('2', 'EMPTY_LINE', 'services', line);
  // That every field of it is missing is said with that.
  const problems = isEmpty ? createProblems() : told;
  const field = (name: string): JsonField => ({ value: value[name], field: name, line, problems });
  const procedureCode = readText(field('procedure_code')).toUpperCase();
  const unitsThousandths = readUnits(value['units'], procedureCode, { line, problems });
  const unitCents = readAmount(field('amount'));
  const day = readDay(field('service_date')) ?? claimDay;
  const product = unitCents === null ? 0 : timesUnits(unitCents, unitsThousandths);
  const isCounted = product !== null && Math.abs(product) <= mostCents;
  if (!isCounted && !problems.hasAt('AMOUNT_RANGE', line)) problems.add('workflow', 'AMOUNT_RANGE', 'amount', line);
  return {
    line,
    procedureCode,
    revenueCode: readText(field('revenue_code')),
    modifiers: readTexts(field('modifiers'))
      .filter((modifier) => modifier !== '')
      .map((modifier) => modifier.toUpperCase()),
    unitsThousandths,
    unitBasis: 'UN',
    chargeCents: isCounted ? product : mostCents,
    placeOfService: readPlace(field('place_of_service')),
    diagnosisPointers: readPointers(field('diagnosis_pointers')),
    serviceFrom: day,
    serviceTo: day,
    renderingProviderId: readText(field('rendering_provider_id')),
    priorPaidCents: null,
  };
}
