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
]);

export const isIdentityColumn = (column: string): boolean => identityColumns.has(column.toLowerCase());

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
    const name = identityColumns.get(column.toLowerCase());
    if (name !== undefined && name !== 'patient_id' && typeof value === 'string' && value.trim() !== '') identity[name] = value.trim();
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
