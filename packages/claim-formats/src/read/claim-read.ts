import type { ErrorCode } from '@vigil/core';
import type { ParsedClaim, ParsedPerson, ParsedProblem } from '../parsed-claim.ts';

/** A claim that was read, with what is wrong with it; or why it cannot be read at all. */
export type ClaimRead = { readonly ok: true; readonly claim: ParsedClaim } | { readonly ok: false; readonly code: ErrorCode };

export const unreadable = (code: ErrorCode): ClaimRead => ({ ok: false, code });

/** The most lines of a claim: of an institutional one, and of the customer's JSON. @see ASC X12 005010X223, loop 2400 */
export const mostLines = 999;
/** @see ASC X12 005010X222, loop 2400 */
export const mostProfessionalLines = 50;
/** Longest claim id that is taken: an X12 one has at most 38. */
const longestId = 128;

const isPrintable = (text: string): boolean => {
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
}

export const createProblems = (): Problems => new Problems();

/** Codes whose units may be fractions: drugs and biologicals, J and Q of HCPCS. */
const isDrug = (code: string): boolean => /^[JQ]\d/.test(code);

/** Whether units are more than none and whole, or fractions where those are usual. */
export const areUnitsUsable = (thousandths: number, basis: string, procedureCode: string): boolean =>
  thousandths > 0 && (thousandths % 1000 === 0 || basis === 'MJ' || isDrug(procedureCode));

/** ICD-10-CM as it is compared: without the dot, in capitals. */
export const diagnosisOf = (code: string): string => (isPlainCode(code) ? code : code.replace('.', '').trim().toUpperCase());

/** Capitals and digits only, as nearly all come. */
function isPlainCode(code: string): boolean {
  for (let at = 0; at < code.length; at++) {
    const unit = code.charCodeAt(at);
    if (!((unit >= 0x30 && unit <= 0x39) || (unit >= 0x41 && unit <= 0x5a))) return false;
  }
  return true;
}
