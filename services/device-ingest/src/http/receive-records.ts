import { classifyError, type Clock } from '@vigil/core';
import { topics } from '@vigil/contracts';
import type { Admission } from '../domain/admission.ts';
import type { LoadLimit } from '../domain/load-limit.ts';
import { isCritical } from '../domain/critical-limits.ts';
import type { Problem } from '../domain/judge-envelope.ts';
import { judgeMessage } from '../domain/judge-message.ts';
import { judgePatient } from '../domain/judge-patient.ts';
import type { VitalLimits } from '../domain/plausibility.ts';
import { HttpProblem, messageOf, type ItemError } from './problem.ts';
import { bodyFormatOf, invalidItems, readItems, type Item } from './read-items.ts';
import type { RecordPublisher } from './record-publisher.ts';

export interface ReceiveDependencies {
  readonly publisher: RecordPublisher;
  /** Holds back by the lag downstream. */
  readonly admission: Admission;
  /** Holds back by what the gateway itself has under way. */
  readonly load: LoadLimit;
  readonly clock: Clock;
  /** What admission and load are measured by. */
  readonly steady: Clock;
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

const heldBack = (name: string, title: string, retryAfterSeconds: number): HttpProblem =>
  new HttpProblem({
    status: 429,
    name,
    title,
    detail:
      'Nothing of the request was taken. Send it again after the time in Retry-After; readings beyond a critical limit are always taken.',
    retryAfterSeconds,
  });
const lagging = (retryAfterSeconds: number): HttpProblem => heldBack('lagging', 'The stream is behind', retryAfterSeconds);
const overloaded = (): HttpProblem => heldBack('overloaded', 'The gateway has too much under way', 1);

const away = (): HttpProblem =>
  new HttpProblem({
    status: 503,
    name: 'kafka-away',
    title: 'Kafka does not answer',
    detail: 'The request may be repeated whole: what was already taken is recognised.',
    retryAfterSeconds: 5,
  });

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

const traceparentPattern = /^00-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$/;

/**
 * Takes the items of one request, all or none.
 *
 * @returns how many were acknowledged by Kafka
 * @throws HttpProblem 400, 413, 415, 422, 429 or 503
 */
export async function receiveRecords(kind: Kind, request: ReceivedRequest, dependencies: ReceiveDependencies): Promise<number> {
  const { admission, load, publisher, clock, steady } = dependencies;
  const nowMs = steady.now();
  const items = readItems(request.body, bodyFormatOf(request.contentType));
  const { records, critical } = judgeAll(kind, items, clock.now(), dependencies);
  if (critical) admission.admit(records.length, nowMs);
  else {
    // Judged before, not refused unread: what is in it decides. It costs a fiftieth of what carrying it on would.
    if (!load.hasRoom(records.length)) throw overloaded();
    const asked = admission.request(records.length, nowMs);
    if (!asked.admitted) throw lagging(asked.retryAfterSeconds);
  }
  const leave = load.enter(records.length, nowMs);
  const traceparent = traceparentPattern.test(request.traceparent) ? request.traceparent : null;
  try {
    await publisher.publish(records.map((record) => ({ ...record, traceparent })));
  } catch (error) {
    const { kind } = classifyError(error);
    if (kind === 'dependency' || kind === 'transient') throw away();
    throw error;
  } finally {
    leave(steady.now());
  }
  return records.length;
}
