import { classifyError, type Clock } from '@vigil/core';
import type { Admission } from '../domain/admission.ts';
import type { LoadLimit } from '../domain/load-limit.ts';
import { HttpProblem } from './problem.ts';
import type { ReceivedRecord, RecordPublisher } from './record-publisher.ts';

export interface AdmitDependencies {
  readonly publisher: RecordPublisher;
  /** Holds back by the lag downstream. */
  readonly admission: Admission;
  /** Holds back by what the gateway itself has under way. */
  readonly load: LoadLimit;
  /** What admission and load are measured by: nobody sets it. */
  readonly steady: Clock;
}

/** What a request brings to Kafka, judged already. */
export interface AdmitRequest {
  readonly records: readonly Omit<ReceivedRecord, 'traceparent'>[];
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
 * @throws HttpProblem 429 or 503
 */
export async function admitRecords({ records, critical, ...request }: AdmitRequest, dependencies: AdmitDependencies): Promise<number> {
  const { admission, load, publisher, steady } = dependencies;
  const nowMs = steady.now();
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
    await publisher.publish(
      records.map((record) => ({ ...record, traceparent })),
      critical ? 'critical' : 'usual',
    );
  } catch (error) {
    const { kind } = classifyError(error);
    if (kind === 'dependency' || kind === 'transient') throw away();
    throw error;
  } finally {
    leave(steady.now());
  }
  return records.length;
}
