import type { ErrorCode } from '@vigil/core';
import { identifierProblem } from './identifiers.ts';
import { parseTimestamp } from './parse-timestamp.ts';
import { isJsonObject, type JsonObject } from './read-message.ts';

/** What is wrong with one member of a message. */
export interface Problem {
  /** Path as the sender wrote it, for example `measurements.heart_rate`. */
  readonly field: string;
  /** Of the error catalogue, or of `excluded`. */
  readonly code: string;
}

/** Whose and of when a message is, and what it measured: what a reading cannot do without. */
export interface Envelope {
  readonly deviceId: string;
  readonly patientId: string;
  /** RFC 3339, as it came. */
  readonly timestamp: string;
  /** Milliseconds since the epoch. */
  readonly observedAt: number;
  readonly measurements: JsonObject;
  readonly units: JsonObject;
}

/** Clocks of monitors drift; one that is further ahead would push its patient's windows into the future. */
const aheadLimitMs = 5 * 60_000;
const noMembers: JsonObject = Object.freeze({});

const shapeProblem = (value: unknown): ErrorCode | null =>
  value === undefined || value === null || isJsonObject(value) ? null : 'BAD_SHAPE';

function timestampProblem(timestamp: unknown, observedAt: number, receivedAtMs: number): ErrorCode | null {
  if (Number.isNaN(observedAt))
    return timestamp !== undefined && timestamp !== null && typeof timestamp !== 'string' ? 'BAD_SHAPE' : 'BAD_TIMESTAMP';
  return observedAt - receivedAtMs > aheadLimitMs ? 'TIMESTAMP_AHEAD' : null;
}

/** Every member that makes the whole message unusable, the one that gives the record its code first. */
export type EnvelopeJudgement =
  | { readonly ok: true; readonly envelope: Envelope }
  | { readonly ok: false; readonly problems: readonly Problem[] };

/** Checks identifiers, time and the shape of what must be an object. Unknown members are allowed. */
export function judgeEnvelope(message: JsonObject, receivedAtMs: number): EnvelopeJudgement {
  const timestamp = message['timestamp'];
  const observedAt = typeof timestamp === 'string' ? parseTimestamp(timestamp) : Number.NaN;
  const deviceId = message['device_id'];
  const patientId = message['patient_id'];
  const measurements = message['measurements'];
  const units = message['units'];

  const device = identifierProblem(deviceId);
  const patient = identifierProblem(patientId);
  const time = timestampProblem(timestamp, observedAt, receivedAtMs);
  const measured = shapeProblem(measurements);
  const unit = shapeProblem(units);
  // Looked at one by one first: the list is made for the few messages that need it.
  if (device !== null || patient !== null || time !== null || measured !== null || unit !== null) {
    const found: [string, ErrorCode | null][] = [
      ['device_id', device],
      ['patient_id', patient],
      ['timestamp', time],
      ['measurements', measured],
      ['units', unit],
    ];
    return { ok: false, problems: found.flatMap(([field, code]) => (code === null ? [] : [{ field, code }])) };
  }
  return {
    ok: true,
    envelope: {
      deviceId: deviceId as string,
      patientId: patientId as string,
      timestamp: timestamp as string,
      observedAt,
      measurements: (measurements as JsonObject | null | undefined) ?? noMembers,
      units: (units as JsonObject | null | undefined) ?? noMembers,
    },
  };
}
