import { armCodes, completionStatuses, departmentClasses, rowChanges } from '@vigil/contracts';

/**
 * Words of our own stages, by field: whatever a claim is called, `paid` tells nothing of it. Every other word is judged as
 * any text is.
 */
const wordsOf: Readonly<Record<string, readonly string[]>> = {
  outcome: ['paid', 'denied', 'pended', 'reversed'],
  kind: ['decision', 'reversal'],
  frequency: ['original', 'replacement', 'void'],
  claimType: ['professional', 'institutional', 'pharmacy'],
  network: ['in', 'out'],
  coverageType: ['primary', 'secondary', 'tertiary'],
  group: ['CO', 'PR', 'OA', 'PI'],
  change: rowChanges,
  departmentClass: departmentClasses,
  completionStatus: completionStatuses,
  armCode: armCodes,
};

/** The words that leave from a field without regard to the record's identifiers; empty where the field has no such set. */
export const closedWordsOf = (field: string): ReadonlySet<string> => new Set(wordsOf[field]);

/** Fields of code sets: a code is what it is as a whole, so an identifier that is a part of it by chance tells nothing. */
export const codeFields: ReadonlySet<string> = new Set([
  'procedureCode',
  'revenueCode',
  'modifiers',
  'diagnosisCodes',
  'placeOfService',
  'carc',
  'rarc',
  'diagnosisCode',
  'treatmentCode',
]);
