import type { Clock } from '@vigil/core';
import { topics } from '@vigil/contracts';
import { isCritical } from '../domain/critical-limits.ts';
import type { Problem } from '../domain/judge-envelope.ts';
import { judgeMessage } from '../domain/judge-message.ts';
import { judgePatient } from '../domain/judge-patient.ts';
import type { VitalLimits } from '../domain/plausibility.ts';
import { admitRecords, type AdmitDependencies } from './admit-records.ts';
import { messageOf, type ItemError } from './problem.ts';
import { bodyFormatOf, invalidItems, readItems, type Item } from './read-items.ts';

export interface ReceiveDependencies extends AdmitDependencies {
  readonly clock: Clock;
  readonly historicAfterMs: number;
  /** Limits of the workflow definition: what lies beyond is never held back. */
  readonly limits: VitalLimits;
}

export interface ReceivedRequest {
  readonly contentType: string | undefined;
  /** As the sender wrote it; empty = none. */
  readonly traceparent: string;
  readonly body: Buffer;
}

/** What the gateway makes of one item: the record's key, or what is wrong. */
type ItemJudgement =
  | { readonly ok: true; readonly key: string; readonly critical: boolean }
  | { readonly ok: false; readonly problems: readonly Problem[] };

interface Kind {
  readonly topic: string;
  judge(item: Item, nowMs: number, dependencies: ReceiveDependencies): ItemJudgement;
}

export const readings: Kind = {
  topic: topics.vitalsReadingReceived.name,
  judge: ({ message }, nowMs, { historicAfterMs, limits }) => {
    const judged = judgeMessage(message, { receivedAtMs: nowMs, historicAfterMs });
    return judged.ok ? { ok: true, key: judged.reading.deviceId, critical: isCritical(judged.reading, limits) } : judged;
  },
};

export const patients: Kind = {
  topic: topics.patientsRecordReceived.name,
  judge: ({ message }, nowMs) => {
    const judged = judgePatient(message, nowMs);
    return judged.ok ? { ok: true, key: judged.entry.patientId, critical: false } : judged;
  },
};

const errorsOf = (index: number, problems: readonly Problem[]): ItemError[] =>
  problems.map(({ field, code }) => ({ index, field, code, message: messageOf(code) }));

function judgeAll(kind: Kind, items: readonly Item[], nowMs: number, dependencies: ReceiveDependencies) {
  const errors: ItemError[] = [];
  let critical = false;
  const records = items.flatMap((item, index) => {
    const judged = kind.judge(item, nowMs, dependencies);
    if (!judged.ok) {
      errors.push(...errorsOf(index, judged.problems));
      return [];
    }
    critical ||= judged.critical;
    return [{ topic: kind.topic, key: judged.key, value: item.bytes }];
  });
  if (errors.length > 0) throw invalidItems(errors);
  return { records, critical };
}

/**
 * Takes the items of one request, all or none.
 *
 * @returns how many were acknowledged by Kafka
 * @throws HttpProblem 400, 413, 415, 422, 429 or 503
 */
export async function receiveRecords(kind: Kind, request: ReceivedRequest, dependencies: ReceiveDependencies): Promise<number> {
  const nowMs = dependencies.clock.now();
  const items = readItems(request.body, bodyFormatOf(request.contentType));
  const judged = judgeAll(kind, items, nowMs, dependencies);
  const { records, critical } = judged;
  return admitRecords({ count: records.length, records: () => records, critical, traceparent: request.traceparent }, dependencies);
}
