import type { ParsedLine } from '../parsed-claim.ts';
import { parseIsoDay } from '../read/calendar-day.ts';
import { areUnitsUsable, type Problems } from '../read/claim-read.ts';
import { centsOf, parseDecimal, thousandthsOf, timesUnits } from '../read/decimal.ts';
import { decimalTextOf, isJsonObject } from './parse-json.ts';

/** A member of the claim, of the service line `line` (0 = of the claim as a whole). */
export interface JsonField {
  readonly value: unknown;
  readonly field: string;
  readonly line?: number;
  readonly problems: Problems;
}

const isAbsent = (value: unknown): boolean => value === undefined || value === null;

/** Text; empty where it is absent, with a problem where it is no text. */
export function readText({ value, field, line = 0, problems }: JsonField): string {
  if (typeof value === 'string') return value.trim();
  if (!isAbsent(value)) problems.add('2', 'BAD_FIELD', field, line);
  return '';
}

export function readTexts({ value, field, line = 0, problems }: JsonField): string[] {
  if (isAbsent(value)) return [];
  if (Array.isArray(value) && value.every((item) => typeof item === 'string')) return value.map((item: string) => item.trim());
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

/** So much is still counted exactly in sums of lines; beyond it is beyond every range. */
const mostCents = 1_000_000_000_000;

/** Cents of a JSON number with at most two decimals; null, with a problem, where it is none. */
export function readAmount({ value, field, line = 0, problems }: JsonField): number | null {
  const text = decimalTextOf(value);
  const decimal = text === null ? null : parseDecimal(text);
  const cents = text === null ? null : centsOf(text);
  if (cents !== null && Math.abs(cents) <= mostCents) return cents;
  // A number of money, but of more money than there is: the range of the workflow is for a person to look at.
  if (decimal !== null && decimal.scale <= 2) {
    problems.add('workflow', 'AMOUNT_RANGE', field, line);
    return decimal.units < 0n ? -mostCents : mostCents;
  }
  problems.add('2', 'BAD_AMOUNT', field, line);
  return null;
}

function readUnits(value: unknown, code: string, { line, problems }: { readonly line: number; readonly problems: Problems }): number {
  if (isAbsent(value)) return 1000;
  const text = decimalTextOf(value);
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

/** One entry of `services`: the amount is that of a unit. */
export function readLine(service: unknown, line: number, problems: Problems): ParsedLine {
  const value = isJsonObject(service) ? service : {};
  if (!isJsonObject(service)) problems.add('2', 'BAD_FIELD', 'services', line);
  const field = (name: string): JsonField => ({ value: value[name], field: name, line, problems });
  const procedureCode = readText(field('procedure_code')).toUpperCase();
  const unitsThousandths = readUnits(value['units'], procedureCode, { line, problems });
  const unitCents = readAmount(field('amount'));
  const day = readDay(field('service_date'));
  const product = unitCents === null ? 0 : timesUnits(unitCents, unitsThousandths);
  const isCounted = product !== null && Math.abs(product) <= mostCents;
  if (!isCounted) problems.add('workflow', 'AMOUNT_RANGE', 'amount', line);
  return {
    line,
    procedureCode,
    revenueCode: readText(field('revenue_code')),
    modifiers: readTexts(field('modifiers')).map((modifier) => modifier.toUpperCase()),
    unitsThousandths,
    unitBasis: 'UN',
    chargeCents: isCounted ? product : mostCents,
    placeOfService: readText(field('place_of_service')),
    diagnosisPointers: readPointers(field('diagnosis_pointers')),
    serviceFrom: day,
    serviceTo: day,
    renderingProviderId: readText(field('rendering_provider_id')),
    priorPaidCents: null,
  };
}
