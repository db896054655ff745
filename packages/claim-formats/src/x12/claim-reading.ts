import type { ParsedPriorPayer } from '../parsed-claim.ts';
import type { Problems } from '../read/claim-read.ts';
import { areUnitsUsable } from '../read/claim-read.ts';
import { thousandthsOf } from '../read/decimal.ts';
import { parseX12Day } from '../read/calendar-day.ts';

/** A service line while its segments go by. */
export interface LineReading {
  readonly line: number;
  procedureCode: string;
  revenueCode: string;
  modifiers: readonly string[];
  unitsThousandths: number;
  unitBasis: 'UN' | 'MJ' | 'DA';
  chargeCents: number;
  placeOfService: string;
  diagnosisPointers: readonly number[];
  serviceFrom: number | null;
  serviceTo: number | null;
  renderingProviderId: string;
  priorPaidCents: number | null;
}

/** Another payer of the claim while its segments go by. */
export interface PayerReading {
  payerId: string;
  readonly sequence: 'P' | 'S' | 'T';
  paidCents: number | null;
  patientCents: number | null;
  allowedCents: number | null;
  readonly adjustments: ParsedPriorPayer['adjustments'][number][];
}

export const aLine = (line: number): LineReading => ({
  line,
  procedureCode: '',
  revenueCode: '',
  modifiers: [],
  unitsThousandths: 0,
  unitBasis: 'UN',
  chargeCents: 0,
  placeOfService: '',
  diagnosisPointers: [],
  serviceFrom: null,
  serviceTo: null,
  renderingProviderId: '',
  priorPaidCents: null,
});

const bases: ReadonlySet<string> = new Set(['UN', 'MJ', 'DA']);

/** Units and their basis; a problem where there are none, or fractions of what has none. */
export function readUnits(
  line: LineReading,
  { basis, units }: { readonly basis: string; readonly units: string },
  { field, problems }: { readonly field: string; readonly problems: Problems },
): void {
  const thousandths = units === '' ? null : thousandthsOf(units);
  const isBasis = bases.has(basis);
  line.unitBasis = isBasis ? (basis as LineReading['unitBasis']) : 'UN';
  line.unitsThousandths = thousandths !== null && thousandths >= 0 ? thousandths : 0;
  if (thousandths === null || !isBasis || !areUnitsUsable(thousandths, basis, line.procedureCode))
    problems.add('2', 'BAD_UNITS', field, line.line);
}

/** First and last day of `D8`, `RD8` or `DT`; null where it is none. */
export function readPeriod(qualifier: string, text: string): readonly [from: number, to: number] | null {
  if (qualifier === 'RD8') {
    const from = parseX12Day(text.slice(0, 8));
    const to = text[8] === '-' ? parseX12Day(text.slice(9)) : null;
    return from !== null && to !== null && from <= to ? [from, to] : null;
  }
  if (qualifier !== 'D8' && qualifier !== 'DT') return null;
  const day = parseX12Day(qualifier === 'DT' ? text.slice(0, 8) : text);
  return day === null ? null : [day, day];
}
