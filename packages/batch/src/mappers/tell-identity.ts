import { identityKeyOf, patientTokenOf, sealIdentity, topics, type ToldIdentity } from '@vigil/contracts';
import { boundedMemo } from '@vigil/core';
import type { OutgoingRecord } from '../job/batch-job.ts';
import type { MapperRules } from './mapper-rules.ts';

/** Columns by which rows name their patient, and what the registry calls them. Whatever else a row holds stays in its record. */
const identityColumns: ReadonlyMap<string, string> = new Map([
  ['patient_id', 'patient_id'],
  ['patient_name', 'name'],
  ['name', 'name'],
  ['birth_date', 'birth_date'],
  ['date_of_birth', 'birth_date'],
  ['dob', 'birth_date'],
  ['phone', 'phone'],
  ['address', 'address'],
  ['zip', 'zip'],
  ['mrn', 'mrn'],
  ['ssn', 'ssn'],
  ['first_name', 'given_name'],
  ['given_name', 'given_name'],
  ['middle_name', 'middle_name'],
  ['last_name', 'family_name'],
  ['family_name', 'family_name'],
  ['surname', 'family_name'],
  ['maiden_name', 'maiden_name'],
  ['patient_dob', 'birth_date'],
  ['email', 'email'],
  ['email_address', 'email'],
  ['fax', 'fax'],
  ['phone_number', 'phone'],
  ['mobile', 'mobile'],
  ['street', 'street'],
  ['city', 'city'],
  ['zip_code', 'zip'],
  ['postal_code', 'zip'],
  ['medical_record_number', 'mrn'],
  ['social_security_number', 'ssn'],
  ['member_id', 'member_id'],
  ['insurance_id', 'insurance_id'],
  ['mbi', 'mbi'],
]);

/** `Patient Name`, `patient-name` and `PATIENT_NAME` are one column. */
const plainColumn = (column: string): string =>
  column
    .trim()
    .toLowerCase()
    .replaceAll(/[\s.-]+/g, '_');

/** What the registry calls a column; null = it does not identify. Asked for each value of each row. */
const identityNameOf = boundedMemo(1_000, (column) => identityColumns.get(plainColumn(column)) ?? null);

export const isIdentityColumn = (column: string): boolean => identityNameOf(column) !== null;

/** Patients of a large file; beyond it the oldest are told again. */
const rememberedPatients = 100_000;

export interface PatientOfRow {
  readonly patientToken: string;
  /** Sealed, for `patients.identity.observed.v1`; none where the same was told before. */
  readonly records: readonly OutgoingRecord[];
}

function identityOf(row: Readonly<Record<string, unknown>>, patientId: string): Readonly<Record<string, string>> {
  const identity: Record<string, string> = { patient_id: patientId };
  for (const [column, value] of Object.entries(row)) {
    const name = identityNameOf(column);
    if (name !== null && name !== 'patient_id' && typeof value === 'string' && value.trim() !== '') identity[name] = value.trim();
  }
  return identity;
}

/** Replaces the patient of a row by the token that every other stage gives the same identifier, and seals what identifies. */
export function createIdentityTeller(rules: MapperRules): (row: Readonly<Record<string, unknown>>, patientId: string) => PatientOfRow {
  const tokenOf = boundedMemo(rememberedPatients, (patientId) => ({ patientToken: patientTokenOf(rules.tokenKey, patientId), told: '' }));
  return (row, patientId) => {
    const patient = tokenOf(patientId);
    const identity = identityOf(row, patientId);
    const text = JSON.stringify(identity);
    const { patientToken } = patient;
    if (patient.told === text) return { patientToken, records: [] };
    patient.told = text;
    const told: ToldIdentity = { patientToken, source: 'claims', identity, observedAt: rules.startedAtMs };
    return { patientToken, records: [{ topic: topics.identityObserved, key: identityKeyOf(told), value: sealIdentity(told, rules) }] };
  };
}
