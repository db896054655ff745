import { isVigilError, type ErrorCode, type Outcome } from '@vigil/core';
import type { FetchedRecord, ProducedRecord } from '../ports/kafka-client.ts';
import type { ProjectedRecord, RecordOrigin, SourceRecord, TaskContext } from '../topology/topology.ts';
import { schemaIdOf, wireMagic } from '../codec/wire-format.ts';
import type { EngineObserver } from './engine-observer.ts';
import type { OpenBatch } from './open-batch.ts';
import type { QuarantineWatch } from './quarantine-limits.ts';
import { attemptsFromHeaders, deadLetterHeaders, originFromHeaders } from './record-headers.ts';
import type { PlannedSource, TopologyPlan } from './topology-plan.ts';

/** Our own code failed on one record. */
export class ProcessorFailure extends Error {
  readonly source: PlannedSource;
  readonly offset: number;

  constructor(source: PlannedSource, offset: number, cause: unknown) {
    super(`${source.name} at ${offset}`, { cause });
    this.name = 'ProcessorFailure';
    this.source = source;
    this.offset = offset;
  }
}

export interface ProcessingScope {
  readonly plan: TopologyPlan;
  readonly partition: number;
  readonly service: string;
  readonly serviceVersion: string;
  readonly watch: QuarantineWatch;
  readonly observer: EngineObserver;
}

const empty = Symbol('empty value on a topic that is not compacted');

/** @throws VigilError of kind poison */
function decodeValue({ topic, decode }: PlannedSource, record: FetchedRecord): unknown {
  if (topic.format === 'avro' && record.readValue !== undefined) {
    const decoded = record.readValue(decode);
    if (decoded !== null) return decoded;
  }
  const { value } = record;
  if (value === null) return topic.cleanup === 'compact' ? null : empty;
  if (topic.format === 'json-or-avro' && value[0] !== wireMagic) return value;
  return decode(value);
}

const originOf = (source: PlannedSource, record: FetchedRecord, partition: number): RecordOrigin =>
  (source.isRetry ? originFromHeaders(record.headers()) : null) ?? {
    topic: source.topic.name,
    partition,
    offset: record.offset,
    timestamp: record.timestamp,
  };

function deadLetterOf(scope: ProcessingScope, source: PlannedSource, record: FetchedRecord, code: ErrorCode): ProducedRecord {
  const origin = originOf(source, record, scope.partition);
  const attempt = attemptsFromHeaders(source.isRetry ? record.headers() : []) + 1;
  const { plan, partition, service, serviceVersion } = scope;
  scope.observer.on({ type: 'quarantined', stage: plan.group, topic: source.name, partition, offset: record.offset, code, attempt });
  return {
    topic: source.deadLetterTopic,
    partition,
    key: record.key,
    value: record.value,
    headers: deadLetterHeaders(record, {
      origin,
      group: plan.group,
      code,
      stage: plan.group,
      attempt,
      schemaId: schemaIdOf(record.value),
      service,
      serviceVersion,
    }),
    timestamp: null,
  };
}

/** Sends a record to quarantine within the open batch. @throws VigilError QUARANTINE_LIMIT */
export function quarantineRecord(
  scope: ProcessingScope,
  batch: OpenBatch,
  source: PlannedSource,
  record: FetchedRecord,
  code: ErrorCode,
): void {
  batch.addDeadLetter(source, record, deadLetterOf(scope, source, record, code));
  scope.watch.rejected();
}

type Decoded = { readonly value: unknown } | { readonly code: ErrorCode };

/** Poison is an answer here, not an error; what else goes wrong is our own fault. */
function decodeRecord(source: PlannedSource, record: FetchedRecord): Decoded {
  try {
    const value = decodeValue(source, record);
    return value === empty ? { code: 'EMPTY_VALUE' } : { value };
  } catch (error) {
    if (isVigilError(error) && error.kind === 'poison') return { code: error.code };
    throw error;
  }
}

/** As a handler gets it. Its key is read and its origin looked for only when they are asked for. */
class ConsumedRecord implements ProjectedRecord<unknown, unknown> {
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
  readonly timestamp: number;
  readonly value: unknown;
  readonly #source: PlannedSource;
  readonly #record: FetchedRecord;

  constructor(source: PlannedSource, record: FetchedRecord, partition: number, value: unknown) {
    this.topic = source.topic.name;
    this.partition = partition;
    this.offset = record.offset;
    this.timestamp = record.timestamp;
    this.value = value;
    this.#source = source;
    this.#record = record;
  }

  get key(): string | null {
    const { key } = this.#record;
    return key === null ? null : this.#source.keyText(key);
  }

  /** A value that was not decoded is what it was. */
  whole(): unknown {
    return Buffer.isBuffer(this.value) || this.value === null ? this.value : this.#source.decodeWhole(this.#record.value as Buffer);
  }

  get origin(): RecordOrigin {
    return originOf(this.#source, this.#record, this.partition);
  }
}

function handle(source: PlannedSource, record: SourceRecord<unknown>, context: TaskContext<unknown>): Outcome {
  const handler = source.handle as (record: SourceRecord<unknown>, context: TaskContext<unknown>) => Outcome;
  return handler(record, context);
}

/**
 * One record through decoder and handler into the open batch.
 *
 * @throws ProcessorFailure when our own code fails, VigilError QUARANTINE_LIMIT
 */
export function processRecord(
  scope: ProcessingScope,
  batch: OpenBatch,
  source: PlannedSource,
  record: FetchedRecord,
  context: TaskContext<unknown>,
): void {
  let rejectedAs: ErrorCode | null = null;
  try {
    const decoded = decodeRecord(source, record);
    if ('code' in decoded) {
      rejectedAs = decoded.code;
    } else {
      const consumed = new ConsumedRecord(source, record, scope.partition, decoded.value);
      const outcome = handle(source, consumed, context);
      if (outcome.disposition === 'rejected') rejectedAs = outcome.code;
      else batch.add(source, record, outcome);
    }
  } catch (cause) {
    throw new ProcessorFailure(source, record.offset, cause);
  }
  if (rejectedAs === null) scope.watch.accepted();
  else quarantineRecord(scope, batch, source, record, rejectedAs);
}
