import { isUint8Array } from 'node:util/types';
import { emit, processed, rejected, seal, sealContext, tokenOf, type NamedKey, type Outcome } from '@vigil/core';
import { topics, type RecordReceived } from '@vigil/contracts';
import type { Handler } from '@vigil/kafka';
import { judgePatient, type PatientEntry } from '../domain/judge-patient.ts';
import { readMessage, type JsonObject } from '../domain/read-message.ts';

export interface PatientRules {
  readonly tokenKey: NamedKey;
  /** Seals what identifies the patient. */
  readonly dataKey: NamedKey;
  /** Random bytes for the seal's nonce. */
  readonly random: (size: number) => Buffer;
}

/** What the seal of a patient's identity is bound to: it opens for no other patient and in no other field. */
export const identityContext = (patientToken: string, keyId: string): string =>
  sealContext({ subject: `${topics.identityObserved.name}-value`, field: 'sealed', owner: patientToken, keyId });

const emissionsOf = (entry: PatientEntry, receivedAtMs: number, { tokenKey, dataKey, random }: PatientRules) => {
  const patientToken = tokenOf(tokenKey, 'patient', entry.patientId);
  const { birthDate, sex, zip } = entry;
  const sealed = seal(dataKey, identityContext(patientToken, dataKey.id), Buffer.from(JSON.stringify(entry.identity)), random);
  return [
    emit(topics.patientChanged, patientToken, { patientToken, birthDate, sex, zip, changedAt: receivedAtMs }),
    emit(topics.identityObserved, patientToken, { patientToken, sealed, keyId: dataKey.id, observedAt: receivedAtMs }),
  ];
};

/** One registry entry: what clinical rules need goes on under the token, what identifies goes sealed to its own topic. */
export const handlePatient =
  (rules: PatientRules): Handler<RecordReceived | Buffer, unknown> =>
  ({ value, origin }): Outcome => {
    const read = isUint8Array(value) ? readMessage(value) : { ok: true as const, message: value as unknown as JsonObject };
    if (!read.ok) return rejected(read.code);
    const judged = judgePatient(read.message, origin.timestamp);
    return judged.ok ? processed(emissionsOf(judged.entry, origin.timestamp, rules)) : rejected(judged.code);
  };
