import { classifyError, type Clock } from '@vigil/core';
import type { Admission } from '../domain/admission.ts';
import type { LoadLimit } from '../domain/load-limit.ts';
import { HttpProblem } from './problem.ts';
import type { ReceivedRecord, RecordPublisher, Urgency } from './record-publisher.ts';

export interface AdmitDependencies {
  readonly publisher: RecordPublisher;
  /** Holds back by the lag downstream. */
  readonly admission: Admission;
  /** Holds back by what the gateway itself has under way. */
  readonly load: LoadLimit;
  /** What admission and load are measured by: nobody sets it. */
  readonly steady: Clock;
}

/** A record before it is known which request brings it. */
export type NewRecord = Omit<ReceivedRecord, 'traceparent'>;

/** What a request brings to Kafka, judged already. */
export interface AdmitRequest {
  readonly count: number;
  /** The records, asked for once they are let in: what is refused is not made first. */
  readonly records: () => readonly NewRecord[] | Promise<readonly NewRecord[]>;
  /** Whether it is taken however far the stream is behind. */
  readonly critical: boolean;
  /** As the sender wrote it; empty = none. */
  readonly traceparent: string;
}

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

const traceparentPattern = /^00-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$/;

/**
 * Publishes the records of one request, all or none.
 *
 * @returns how many were acknowledged by Kafka
 * @throws HttpProblem 429 or 503, and what making the records throws
 */
export async function admitRecords(
  { count, records, critical, ...request }: AdmitRequest,
  dependencies: AdmitDependencies,
): Promise<number> {
  const { admission, load, publisher, steady } = dependencies;
  const nowMs = steady.now();
  if (critical) admission.admit(count, nowMs);
  else {
    // Judged before, not refused unread: what is in it decides. It costs a fiftieth of what carrying it on would.
    if (!load.hasRoom(count)) throw overloaded();
    const asked = admission.request(count, nowMs);
    if (!asked.admitted) throw lagging(asked.retryAfterSeconds);
  }
  const leave = load.enter(count, nowMs);
  const traceparent = traceparentPattern.test(request.traceparent) ? request.traceparent : null;
  try {
    const made = await records();
    await publish(
      publisher,
      made.map((record) => ({ ...record, traceparent })),
      critical ? 'critical' : 'usual',
    );
  } finally {
    leave(steady.now());
  }
  return count;
}

async function publish(publisher: RecordPublisher, records: readonly ReceivedRecord[], urgency: Urgency): Promise<void> {
  try {
    await publisher.publish(records, urgency);
  } catch (error) {
    const { kind } = classifyError(error);
    if (kind === 'dependency' || kind === 'transient') throw away();
    throw error;
  }
}
