import type { ErrorCode } from '@vigil/core';
import type { FetchedRecord, RecordHeaders } from '../ports/kafka-client.ts';
import type { RecordOrigin } from '../topology/topology.ts';

/** Names of the headers that Vigil writes; values are UTF-8 text, numbers decimal, times milliseconds since the epoch. */
export const headerNames = {
  traceparent: 'traceparent',
  batchId: 'vigil-batch-id',
  originTopic: 'vigil-origin-topic',
  originPartition: 'vigil-origin-partition',
  originOffset: 'vigil-origin-offset',
  originTimestamp: 'vigil-origin-timestamp',
  originGroup: 'vigil-origin-group',
  errorCode: 'vigil-error-code',
  errorStage: 'vigil-error-stage',
  attempt: 'vigil-attempt',
  schemaId: 'vigil-schema-id',
  service: 'vigil-service',
  serviceVersion: 'vigil-service-version',
  /** The request that sent it back from quarantine, and its place there (`partition/offset`): a second sending is noticed by them. */
  requeueRequest: 'vigil-requeue-request',
  requeuedFrom: 'vigil-requeued-from',
} as const;

const quarantineNames: ReadonlySet<string> = new Set(
  Object.values(headerNames).filter((name) => name !== headerNames.traceparent && name !== headerNames.batchId),
);

/** The text of a header; the last one where it repeats, null where it is absent. */
export function textHeader(headers: RecordHeaders, name: string): string | null {
  for (let at = headers.length - 1; at >= 0; at--) {
    const header = headers[at];
    if (header?.[0] === name) return header[1]?.toString('utf8') ?? null;
  }
  return null;
}

const wholeNumber = (text: string | null): number | null => (text !== null && /^\d{1,16}$/.test(text) ? Number(text) : null);

/** Where a requeued record first stood, by its headers; null where they do not say it. */
export function originFromHeaders(headers: RecordHeaders): RecordOrigin | null {
  const topic = textHeader(headers, headerNames.originTopic);
  const partition = wholeNumber(textHeader(headers, headerNames.originPartition));
  const offset = wholeNumber(textHeader(headers, headerNames.originOffset));
  const timestamp = wholeNumber(textHeader(headers, headerNames.originTimestamp));
  return topic === null || partition === null || offset === null || timestamp === null ? null : { topic, partition, offset, timestamp };
}

/** How often the record was quarantined before. */
export const attemptsFromHeaders = (headers: RecordHeaders): number => wholeNumber(textHeader(headers, headerNames.attempt)) ?? 0;

/** W3C trace context. */
const traceparentShape = /^[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$/;
/** Ids, no prose: a sender's header reaches the ledger and every topic downstream, the de-identified ones too. */
const batchIdShape = /^[A-Za-z0-9][A-Za-z0-9._:-]{0,127}$/;

const isHandedOn = ([name, value]: RecordHeaders[number]): boolean => {
  if (name === headerNames.traceparent) return value !== null && traceparentShape.test(value.toString('latin1'));
  return name === headerNames.batchId && value !== null && batchIdShape.test(value.toString('latin1'));
};

/** Headers handed on from a record to what is made of it alone; one that does not have its documented shape is not. */
export const lineageHeaders = (headers: RecordHeaders): RecordHeaders => (headers.length === 0 ? headers : headers.filter(isHandedOn));

/** The batch that a record belongs to; null where it tells none. */
export function batchIdOf(headers: RecordHeaders): string | null {
  const batchId = headers.length === 0 ? null : textHeader(headers, headerNames.batchId);
  return batchId !== null && batchIdShape.test(batchId) ? batchId : null;
}

/** Why and where from a record is quarantined. */
export interface DeadLetter {
  readonly origin: RecordOrigin;
  readonly group: string;
  readonly code: ErrorCode;
  /** Stage of the pipeline that rejected it. */
  readonly stage: string;
  readonly attempt: number;
  readonly schemaId: number | null;
  readonly service: string;
  readonly serviceVersion: string;
}

/** The record's own headers, unchanged, then ours; those of an earlier quarantine are replaced. Never an exception's text. */
export function deadLetterHeaders(record: FetchedRecord, letter: DeadLetter): RecordHeaders {
  const own: readonly (readonly [string, string | number | null])[] = [
    [headerNames.originTopic, letter.origin.topic],
    [headerNames.originPartition, letter.origin.partition],
    [headerNames.originOffset, letter.origin.offset],
    [headerNames.originTimestamp, letter.origin.timestamp],
    [headerNames.originGroup, letter.group],
    [headerNames.errorCode, letter.code],
    [headerNames.errorStage, letter.stage],
    [headerNames.attempt, letter.attempt],
    [headerNames.schemaId, letter.schemaId],
    [headerNames.service, letter.service],
    [headerNames.serviceVersion, letter.serviceVersion],
  ];
  return [
    ...record.headers().filter(([name]) => !quarantineNames.has(name)),
    ...own.flatMap(([name, value]) => (value === null ? [] : [[name, Buffer.from(String(value), 'utf8')] as const])),
  ];
}
