import { VigilError } from '@vigil/core';
import type { Day } from './remittance.ts';

const dayMs = 86_400_000;

/** Delimiters of what is written: element, component, repetition, segment. */
export const delimiters = { element: '*', component: ':', repetition: '^', segment: '~' } as const;

/** Cents as X12 writes them: `-0.05`. @throws VigilError UNBALANCED_REMITTANCE for what is no whole number of cents */
export function moneyText(cents: number): string {
  if (!Number.isSafeInteger(cents)) {
    throw new VigilError('UNBALANCED_REMITTANCE', { detail: 'An amount is no whole number of cents.' });
  }
  const digits = String(Math.abs(cents)).padStart(3, '0');
  return `${cents < 0 ? '-' : ''}${digits.slice(0, -2)}.${digits.slice(-2)}`;
}

/** Cents of an X12 amount; undefined where it is none, or has a part of a cent. */
export function centsOf(text: string): number | undefined {
  const [, sign = '', whole = '', part = ''] = /^(-?)(\d*)(?:\.(\d*))?$/.exec(text) ?? [];
  if (whole === '' && part === '') return undefined;
  if (/[1-9]/.test(part.slice(2))) return undefined;
  const cents = Number(whole) * 100 + Number(part.slice(0, 2).padEnd(2, '0'));
  if (!Number.isSafeInteger(cents)) return undefined;
  return sign === '-' && cents !== 0 ? -cents : cents;
}

/** Thousandths as a decimal without trailing zeros: 1500 → `1.5`. */
export function thousandthsText(thousandths: number): string {
  const digits = String(Math.abs(thousandths)).padStart(4, '0');
  const part = digits.slice(-3).replace(/0+$/, '');
  return `${thousandths < 0 ? '-' : ''}${digits.slice(0, -3)}${part === '' ? '' : `.${part}`}`;
}

/** The reverse of `thousandthsText`; undefined where it is no decimal. */
export function thousandthsOf(text: string): number | undefined {
  const [, sign = '', whole = '', part = ''] = /^(-?)(\d*)(?:\.(\d{0,3}))?$/.exec(text) ?? [];
  if (whole === '' && part === '') return undefined;
  const thousandths = Number(whole) * 1000 + Number(part.padEnd(3, '0'));
  return sign === '-' && thousandths !== 0 ? -thousandths : thousandths;
}

/** A day as `2024-03-15`. */
export const dayText = (day: Day): string => new Date(day * dayMs).toISOString().slice(0, 10);

/** A day as X12 writes it: `20240315`. */
export const x12Day = (day: Day): string => dayText(day).replaceAll('-', '');

/** The day of `20240315`; null where it is none. */
export function dayOf(text: string | undefined): Day | null {
  const [, year, month, date] = /^(\d{4})(\d{2})(\d{2})$/.exec(text ?? '') ?? [];
  const ms = Date.parse(`${year}-${month}-${date}T00:00:00Z`);
  return Number.isNaN(ms) ? null : ms / dayMs;
}

/**
 * Text that may stand in an element: X12 has no escapes, so a delimiter, a control character or a letter outside the
 * basic and extended character set becomes a space; what is too long is cut.
 */
export const elementText = (text: string, longest: number): string =>
  text
    .normalize('NFKD')
    .replaceAll(/\p{M}/gu, '')
    .replaceAll(/[*:^~]|[^\x20-\x7e]/g, ' ')
    .trim()
    .slice(0, longest)
    .trim();

/** A segment without its terminator; empty elements at its end are left out, as the standard wants. */
export const segmentText = (...elements: readonly string[]): string => elements.join(delimiters.element).replace(/\*+$/, '');
