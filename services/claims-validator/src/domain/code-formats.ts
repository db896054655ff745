/**
 * Forms of codes. Where a code set is loaded its table decides; the form decides where none is, and whether a code may leave
 * in a decision: text that is no code could say anything about anybody.
 */
const diagnosis = /^[A-TV-Z]\d[0-9A-Z][0-9A-Z]{0,4}$|^U\d[0-9A-Z][0-9A-Z]{0,4}$/;
const hcpcs = /^[A-V]\d{4}$/;
const cpt = /^\d{4}[0-9FTU]$/;
const revenue = /^\d{4}$/;
const modifier = /^[0-9A-Z]{2}$/;
const place = /^\d{2}$/;

/** ICD-10-CM without its dot. */
export const isDiagnosisCode = (code: string): boolean => diagnosis.test(code);
export const isRevenueCode = (code: string): boolean => revenue.test(code);
export const isModifier = (code: string): boolean => modifier.test(code);
export const isPlaceOfService = (code: string): boolean => place.test(code);

/** The code set that a procedure code belongs to by its form; empty = none. */
export const procedureSystemOf = (code: string): '' | 'hcpcs' | 'cpt' => (cpt.test(code) ? 'cpt' : hcpcs.test(code) ? 'hcpcs' : '');
