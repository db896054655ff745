import { dlqTopicOf } from '@vigil/contracts';
import type { ErrorCode } from '@vigil/core';
import { schemaIdOf } from '../codec/wire-format.ts';
import type { FetchedRecord, ProducedRecord, RecordHeaders } from '../ports/kafka-client.ts';
import type { RecordOrigin } from '../topology/topology.ts';

export interface DeadLetterOptions {
  readonly record: FetchedRecord;
  readonly origin: RecordOrigin;
  /** The catalogue's topic, whose quarantine it is. */
  readonly topic: string;
  readonly group: string;
  /** Partition the record was read from: the quarantine keeps the number. */
  readonly partition: number;
  readonly code: ErrorCode;
  /** What refused it. */
  readonly stage: 'decode' | 'write';
  readonly service: string;
  readonly serviceVersion: string;
}

const ownPrefix = 'vigil-';
const carried = new Set(['vigil-batch-id']);
const text = (name: string, value: string | number): RecordHeaders[number] => [name, Buffer.from(String(value), 'utf8')];

const attemptIn = (headers: RecordHeaders): number => {
  const found = headers.find(([name]) => name === 'vigil-attempt')?.[1]?.toString('utf8');
  const attempt = Number(found ?? 0);
  return Number.isSafeInteger(attempt) ? attempt : 0;
};

/** A record on its way to quarantine: key, value and the sender's headers byte for byte; ours say whence and why, never data. */
export function sinkDeadLetterOf(options: DeadLetterOptions): ProducedRecord {
  const { record, origin, topic, group, partition, code, stage, service, serviceVersion } = options;
  const headers = record.headers();
  const schemaId = schemaIdOf(record.value);
  return {
    topic: dlqTopicOf(topic, group),
    partition,
    key: record.key,
    value: record.value,
    timestamp: null,
    headers: [
      ...headers.filter(([name]) => !name.startsWith(ownPrefix) || carried.has(name)),
      text('vigil-origin-topic', origin.topic),
      text('vigil-origin-partition', origin.partition),
      text('vigil-origin-offset', origin.offset),
      text('vigil-origin-timestamp', origin.timestamp),
      text('vigil-origin-group', group),
      text('vigil-error-code', code),
      text('vigil-error-stage', stage),
      text('vigil-attempt', attemptIn(headers) + 1),
      ...(schemaId === null ? [] : [text('vigil-schema-id', schemaId)]),
      text('vigil-service', service),
      text('vigil-service-version', serviceVersion),
    ],
  };
}
