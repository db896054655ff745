import { isUint8Array } from 'node:util/types';
import { emit, processed, rejected, tokenOf, type NamedKey, type Outcome } from '@vigil/core';
import { identityKeyOf, sealIdentity, topics, type RecordReceived, type Sealing, type ToldIdentity } from '@vigil/contracts';
import type { Handler } from '@vigil/kafka';
import { judgePatient, type PatientEntry } from '../domain/judge-patient.ts';
import { readMessage, type JsonObject } from '../domain/read-message.ts';

/** Keys of the tokens and of the seals. */
export interface PatientRules extends Sealing {
  readonly tokenKey: NamedKey;
}

const emissionsOf = (entry: PatientEntry, receivedAtMs: number, rules: PatientRules) => {
  const patientToken = tokenOf(rules.tokenKey, 'patient', entry.patientId);
  const { birthDate, sex, zip } = entry;
  const told: ToldIdentity = { patientToken, source: 'registry', identity: entry.identity, observedAt: receivedAtMs };
  return [
    emit(topics.patientChanged, patientToken, { patientToken, birthDate, sex, zip, changedAt: receivedAtMs }),
    emit(topics.identityObserved, identityKeyOf(told), sealIdentity(told, rules)),
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
