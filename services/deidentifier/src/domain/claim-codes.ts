const codes = (pattern: RegExp) => (text: string) => text === '' || pattern.test(text);

/** Identifiers of payers and plans come from reference data; one that holds a longer number is more than a name. */
const isReferenceName = (text: string): boolean => /^[A-Za-z0-9][A-Za-z0-9_.-]{0,31}$|^$/.test(text) && !/\d{6}/.test(text);

const diagnosis = /^[A-Z]\d[0-9A-Z]([0-9A-Z]{1,4})?$/;
const cptOrHcpcs = /^[A-V]\d{4}$|^\d{4}[0-9FTU]$/;
/** What leaves of a word that has a closed set is in that set; the rest is not judged at all. */
const onlyWords = codes(/^$/);

/**
 * What may leave of the fields of a claim that hold codes: only what has the form of such a code. A CPT code is five digits,
 * which in any other field would be more than a code.
 *
 * Forms: ICD-10-CM without the dot (U07 is in use), HCPCS level II, CPT; modifiers, revenue codes, places of service; CARC
 * and RARC (X12 code sources 139 and 411).
 */
export const claimCodes: Readonly<Record<string, (text: string) => boolean>> = {
  procedureCode: codes(cptOrHcpcs),
  revenueCode: codes(/^\d{4}$/),
  modifiers: codes(/^[A-Z0-9]{2}$/),
  diagnosisCodes: codes(diagnosis),
  placeOfService: codes(/^\d{2}$/),
  carc: codes(/^[A-Z]?\d{1,3}$/),
  rarc: codes(/^(MA?|N)\d{1,3}$/),
  payerId: isReferenceName,
  planId: isReferenceName,
};

const shortCode = /^[A-Z]{1,4}[-_]?\d{1,4}[A-Z]?$/;
/** `MAR-2024`, `DEC24`, `ANN1985`: the form of a short code, and a date or a year of birth. */
const tellsTime = /^(JAN|FEB|MAR|APR|MAY|JUNE?|JULY?|AUG|SEPT?|OCT|NOV|DEC)[-_]?\d|(19|20)\d\d[A-Z]?$/;

/** The same of visits and trials. A treatment is coded by HCPCS and CPT, or by a short word with a short number. */
export const recordCodes: Readonly<Record<string, (text: string) => boolean>> = {
  diagnosisCode: codes(diagnosis),
  treatmentCode: (text) => codes(cptOrHcpcs)(text) || (shortCode.test(text) && !tellsTime.test(text)),
  departmentClass: onlyWords,
  completionStatus: onlyWords,
  armCode: onlyWords,
};
