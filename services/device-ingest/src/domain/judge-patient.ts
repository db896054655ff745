import type { ErrorCode } from '@vigil/core';
import { identifierProblem } from './identifiers.ts';
import type { Problem } from './judge-envelope.ts';
import { parseDatePrefix } from './parse-timestamp.ts';
import type { JsonObject } from './read-message.ts';

const dayMs = 86_400_000;
const earliestBirth = '1880-01-01';

/** What the fleet may know of a patient. */
export interface PatientEntry {
  readonly patientId: string;
  /** Days since 1970-01-01; null = unknown. */
  readonly birthDate: number | null;
  /** female, male, other or unknown. */
  readonly sex: string;
  /** Five digits; null where there is none or another kind of code. */
  readonly zip: string | null;
  /** What identifies the patient, as it was sent: to be sealed. */
  readonly identity: Readonly<Record<string, string>>;
}

export type PatientJudgement =
  | { readonly ok: true; readonly entry: PatientEntry }
  | { readonly ok: false; readonly code: ErrorCode; readonly problems: readonly Problem[] };

const identifying = ['patient_id', 'birth_date', 'name', 'phone', 'address', 'zip', 'mrn', 'ssn'] as const;
const texts = [...identifying.slice(1), 'sex'] as const;

/** FHIR administrative gender, and the letters that registries use. */
const sexes = new Map([
  ['female', 'female'],
  ['f', 'female'],
  ['male', 'male'],
  ['m', 'male'],
  ['other', 'other'],
  ['o', 'other'],
]);

/** Longer than any name or address; what is sealed of an entry must fit the topic it goes to. */
const maxTextCharacters = 4096;

const isAbsent = (value: unknown): boolean => value === undefined || value === null || value === '';

/** Days since the epoch, NaN for what is no date of a living person's birth. Dates before 1970 are negative. */
function birthDateOf(text: string, receivedAtMs: number): number {
  const shaped = /^\d{4}-\d{2}-\d{2}$/.test(text) && text >= earliestBirth;
  const days = shaped ? parseDatePrefix(text) : Number.NaN;
  return days * dayMs <= receivedAtMs ? days : Number.NaN;
}

const zipOf = (value: unknown): string | null => /^(\d{5})(-\d{4})?$/.exec(typeof value === 'string' ? value.trim() : '')?.[1] ?? null;

function problemsOf(message: JsonObject, birthDate: number | null): Problem[] {
  const problems: Problem[] = [];
  const id = identifierProblem(message['patient_id']);
  if (id !== null) problems.push({ field: 'patient_id', code: id });
  for (const field of texts) {
    const value = message[field];
    if (isAbsent(value)) continue;
    // A ZIP code sent as a number has lost its leading zero: no guess is made for any of them.
    if (typeof value !== 'string' || value.length > maxTextCharacters) problems.push({ field, code: 'BAD_SHAPE' });
  }
  if (Number.isNaN(birthDate)) problems.push({ field: 'birth_date', code: 'BAD_BIRTH_DATE' });
  return problems;
}

/** Judges a registry entry, parsed JSON or a decoded Avro value. Unknown members are allowed and not kept. */
export function judgePatient(message: JsonObject, receivedAtMs: number): PatientJudgement {
  const { birth_date: birth, sex, zip } = message;
  const birthDate = typeof birth === 'string' && birth !== '' ? birthDateOf(birth, receivedAtMs) : null;
  const problems = problemsOf(message, birthDate);
  if (problems.length > 0) return { ok: false, code: (problems[0] as Problem).code as ErrorCode, problems };
  return {
    ok: true,
    entry: {
      patientId: message['patient_id'] as string,
      birthDate,
      sex: sexes.get(typeof sex === 'string' ? sex.trim().toLowerCase() : '') ?? 'unknown',
      zip: zipOf(zip),
      identity: Object.fromEntries(
        identifying.filter((field) => !isAbsent(message[field])).map((field) => [field, message[field] as string]),
      ),
    },
  };
}
