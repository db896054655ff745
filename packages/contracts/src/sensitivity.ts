/**
 * The vocabulary of the two properties that every schema field carries. This file is its only home:
 * classification report, derived `deid.*` schemas and masking all follow from it.
 */

/**
 * `phi`: which identifier a field is, or holds.
 *
 * @see 45 CFR 164.514(b)(2)(i), the eighteen identifiers, by their letter
 */
export const phiClasses = {
  none: 'Identifies nobody.',
  name: '(A) Name of a person.',
  geography: '(B) Place smaller than a state; hospital, ward and room count.',
  date: '(C) Element of a date more exact than the year, or an age over 89.',
  phone: '(D, E) Telephone or fax number.',
  email: '(F) Electronic mail address.',
  ssn: '(G) Social Security number.',
  'medical-record-number': '(H) Number under which a hospital knows the patient.',
  'health-plan-number': '(I) Number under which a health plan knows the member.',
  account: '(J, K) Account, certificate or licence number.',
  'device-id': '(L, M) Identifier or serial number of a device or vehicle.',
  address: '(N, O) URL or IP address.',
  biometric: '(P, Q) Biometric or photograph.',
  'unique-code': '(R) Any other unique number or code, also a value exact enough to act as one.',
  'patient-token': '(R) The internal token that stands for a patient.',
  'sealed-identity': 'Ciphertext of identifying fields.',
  'free-text': 'Text somebody typed: may hold any identifier.',
  'de-identified': 'What a de-identification rule made of an identifier; identifies nobody without the dataset key.',
} as const;

export type PhiClass = keyof typeof phiClasses;

/** `deid` rules that give the field a new value; the derived field's type is the rule's, not the source's. */
export const deidRules = {
  pseudonym: { type: 'string', from: ['string'], what: 'The patient under the dataset key; not the internal token.' },
  'keyed-id': { type: 'string', from: ['string'], what: 'HMAC of the id under the dataset key; 32 hexadecimal digits.' },
  elapsed: {
    type: 'long',
    from: ['timestamp-millis'],
    what: 'Milliseconds since a secret anchor per patient; only differences mean anything.',
  },
  'approx-year': {
    type: 'int',
    from: ['timestamp-millis', 'date'],
    what: 'Year of the time moved by a second secret offset within ± 6 months.',
  },
  'age-group': { type: 'string', from: ['date'], what: 'Age band; over 89 is 90+.' },
  zip3: { type: 'string', from: ['string'], what: 'First three digits of the ZIP code; 000 where few people live.' },
} as const;

export type DeidRuleName = keyof typeof deidRules;

/** A rule with the name of the field it derives (default: the source's own name). */
export interface DeidRule {
  readonly rule: DeidRuleName;
  readonly as?: string;
}

/** `keep` copies (only what is `phi: none`), `drop` leaves out, rules derive; several rules derive several fields. */
export type Deid = 'keep' | 'drop' | readonly DeidRule[];

export const isPhiClass = (value: unknown): value is PhiClass => typeof value === 'string' && Object.hasOwn(phiClasses, value);

const isRule = (value: unknown): value is DeidRule => {
  if (typeof value !== 'object' || value === null) return false;
  const { rule, as } = value as { rule?: unknown; as?: unknown };
  return typeof rule === 'string' && Object.hasOwn(deidRules, rule) && (as === undefined || (typeof as === 'string' && as !== ''));
};

/** Reads a field's `deid` property; undefined where it is not of the vocabulary. */
export function parseDeid(value: unknown): Deid | undefined {
  if (value === 'keep' || value === 'drop') return value;
  const rules: unknown[] = Array.isArray(value) ? value : [value];
  return rules.length > 0 && rules.every(isRule) ? rules : undefined;
}
