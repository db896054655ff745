import type { ErrorCode } from '@vigil/core';
import type { ParsedClaim, ParsedLine, ParsedPerson, ParsedProblem } from '../parsed-claim.ts';

/** A claim that was read, with what is wrong with it; or why it cannot be read at all. */
export type ClaimRead = { readonly ok: true; readonly claim: ParsedClaim } | { readonly ok: false; readonly code: ErrorCode };

export const unreadable = (code: ErrorCode): ClaimRead => ({ ok: false, code });

/** The most lines of a claim: of an institutional one, and of the customer's JSON. @see ASC X12 005010X223, loop 2400 */
export const mostLines = 999;
/** @see ASC X12 005010X222, loop 2400 */
export const mostProfessionalLines = 50;
/** Longest claim id that is taken: an X12 one has at most 38. */
const longestId = 128;

/** Without control characters: one in an identifier joins or splits what is told apart by it. */
export const isPrintable = (text: string): boolean => {
  for (let at = 0; at < text.length; at++) {
    const unit = text.charCodeAt(at);
    if (unit < 0x20 || unit === 0x7f) return false;
  }
  return true;
};

export const isClaimId = (id: string): boolean => id !== '' && id.length <= longestId && isPrintable(id);

export const nobody: ParsedPerson = { id: '', lastName: '', firstName: '', birthDate: null, sex: 'unknown', address: '', zip: '' };

/** Problems in the order in which they were found. */
export class Problems {
  readonly all: ParsedProblem[] = [];

  add(level: ParsedProblem['level'], code: string, field: string, line = 0): void {
    this.all.push({ level, code, field, line });
  }

  has(code: string): boolean {
    return this.all.some((problem) => problem.code === code);
  }

  /** Whether a service line has the problem. */
  hasAt(code: string, line: number): boolean {
    return this.all.some((problem) => problem.code === code && problem.line === line);
  }
}

export const createProblems = (): Problems => new Problems();

/** The identifier; empty, with a problem, where it holds a control character. */
export function identifierOf(text: string, field: string, problems: Problems): string {
  if (isPrintable(text)) return text;
  problems.add('2', 'BAD_FIELD', field);
  return '';
}

/** Where all lines were rendered; empty where one has another place or none: no line has the place of another. */
export function commonPlaceOf(lines: readonly Pick<ParsedLine, 'placeOfService'>[]): string {
  const place = lines[0]?.placeOfService ?? '';
  return lines.every(({ placeOfService }) => placeOfService === place) ? place : '';
}

/** Whether the lines add up to the total, as far as their amounts were read. */
export function checkTotal(
  lines: readonly Pick<ParsedLine, 'chargeCents'>[],
  { totalCents, field, problems }: { readonly totalCents: number | null; readonly field: string; readonly problems: Problems },
): void {
  if (totalCents === null || lines.length === 0) return;
  if (['BAD_AMOUNT', 'TOO_MANY_LINES', 'EMPTY_LINE'].some((code) => problems.has(code))) return;
  if (lines.reduce((sum, { chargeCents }) => sum + chargeCents, 0) !== totalCents) problems.add('3', 'TOTAL_MISMATCH', field);
}

/** CLM05-3 of X12, and the type of bill's last digit: anything else is an original. */
export function frequencyOf(code: string): ParsedClaim['frequency'] {
  if (code === '7') return 'replacement';
  return code === '8' ? 'void' : 'original';
}

/** Codes whose units may be fractions: drugs and biologicals, J and Q of HCPCS. */
const isDrug = (code: string): boolean => /^[JQ]\d/.test(code);

/** Whether units are more than none and whole, or fractions where those are usual. */
export const areUnitsUsable = (thousandths: number, basis: string, procedureCode: string): boolean =>
  thousandths > 0 && (thousandths % 1000 === 0 || basis === 'MJ' || isDrug(procedureCode));

/** ICD-10-CM as it is compared: without the dot, in capitals. */
export const diagnosisOf = (code: string): string => (isPlainCode(code) ? code : code.replace('.', '').trim().toUpperCase());

/** Capitals and digits only, as nearly all come. */
export function isPlainCode(code: string): boolean {
  for (let at = 0; at < code.length; at++) {
    const unit = code.charCodeAt(at);
    if (!((unit >= 0x30 && unit <= 0x39) || (unit >= 0x41 && unit <= 0x5a))) return false;
  }
  return true;
}
