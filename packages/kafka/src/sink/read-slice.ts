import { classifyError, isVigilError, VigilError } from '@vigil/core';
import { createValueDecoder, unresolvedIdsIn, type ValueDecoder } from '../codec/value-decoder.ts';
import type { StageClock } from '../engine/engine-clock.ts';
import type { FetchedRecord } from '../ports/kafka-client.ts';
import type { SchemaRegistry } from '../ports/schema-registry.ts';
import { batchIdOf, originFromHeaders } from '../engine/record-headers.ts';
import type { QuarantineWatch } from '../engine/quarantine-limits.ts';
import type { SinkQueue, TakenRecords } from './sink-queue.ts';
import type { RefusedRecord, SinkRecord, SinkRejection, SinkSlice } from './sink-target.ts';
import type { RecordOrigin } from '../topology/topology.ts';

export interface ReadSlice {
  readonly slice: SinkSlice;
  readonly refused: readonly RefusedRecord[];
}

export interface SliceReaderOptions {
  readonly registry: SchemaRegistry;
  readonly clock: StageClock;
  /** First wait before an unknown schema id is asked for again: it may be registered this moment. */
  readonly retryBaseMs: number;
}

/** Turns what was fetched into slices. */
export interface SliceReader {
  /** Asks the registry for ids that are new. @throws VigilError REGISTRY_AWAY */
  resolveSchemas(queue: SinkQueue, records: readonly FetchedRecord[]): Promise<void>;
  /** @throws VigilError QUARANTINE_LIMIT */
  read(queue: SinkQueue, taken: TakenRecords, watch: QuarantineWatch): ReadSlice;
}

const unknownIdAttempts = 3;

export function createSliceReader({ registry, clock, retryBaseMs }: SliceReaderOptions): SliceReader {
  const decoders = new Map<string, ValueDecoder>();
  const decoderOf = ({ options: { of } }: SinkQueue): ValueDecoder => {
    let decoder = decoders.get(of.name);
    if (!decoder) decoders.set(of.name, (decoder = createValueDecoder(of.schema, registry)));
    return decoder;
  };
  const wait = (ms: number): Promise<void> => new Promise((resolve) => void clock.after(ms, resolve));

  const resolveId = async (id: number): Promise<void> => {
    for (let attempt = 1; ; attempt++) {
      try {
        await registry.schemaOf(id);
        return;
      } catch (error) {
        if (classifyError(error).code !== 'UNKNOWN_SCHEMA_ID') throw error;
        // Still unknown: the decoder refuses the record.
        if (attempt === unknownIdAttempts) return;
        await wait(retryBaseMs * 2 ** attempt);
      }
    }
  };

  return {
    async resolveSchemas(queue, records) {
      if (queue.options.read === 'raw') return;
      for (const id of unresolvedIdsIn(records, registry)) await resolveId(id);
    },
    read(queue, { records: fetched, nextOffset }, watch) {
      const { topic, partition, epoch, written: startOffset, options } = queue;
      const decode = options.read === 'raw' ? readRaw : readingWith(decoderOf(queue), options.of.cleanup === 'compact');
      const records: SinkRecord[] = [];
      const refused: RefusedRecord[] = [];
      for (const raw of fetched) {
        const result = decode(raw);
        if (isVigilError(result)) {
          watch.rejected();
          refused.push({ record: new ReadRecord(queue, raw, null), code: result.code });
        } else {
          watch.accepted();
          records.push(new ReadRecord(queue, raw, result));
        }
      }
      const rejected = refused.map(({ record: { offset, batchId }, code }): SinkRejection => ({ offset, batchId, code }));
      return { slice: { topic, partition, of: options.of, epoch, startOffset, nextOffset, records, rejected }, refused };
    },
  };
}

/** A record of a sink. What few targets ask for is read from the bytes when it is asked for: thousands of records wait at a time. */
class ReadRecord implements SinkRecord {
  readonly offset: number;
  readonly timestamp: number;
  readonly value: unknown;
  readonly raw: FetchedRecord;
  readonly #queue: SinkQueue;

  constructor(queue: SinkQueue, raw: FetchedRecord, value: unknown) {
    this.offset = raw.offset;
    this.timestamp = raw.timestamp;
    this.value = value;
    this.raw = raw;
    this.#queue = queue;
  }

  get key(): string | null {
    return this.raw.key?.toString('utf8') ?? null;
  }

  get origin(): RecordOrigin {
    const { topic, partition, options } = this.#queue;
    const { offset, timestamp } = this;
    return (options.isRetry ? originFromHeaders(this.raw.headers()) : null) ?? { topic, partition, offset, timestamp };
  }

  get batchId(): string | null {
    return batchIdOf(this.raw.headers());
  }
}

/** The value, or why it cannot be read. */
type ReadValue = (record: FetchedRecord) => unknown;

const readRaw: ReadValue = () => null;

const readingWith =
  (decode: ValueDecoder, mayBeEmpty: boolean): ReadValue =>
  (record) => {
    try {
      const decoded = record.readValue === undefined ? decodeView(record, decode) : record.readValue(decode);
      return decoded ?? (mayBeEmpty ? null : new VigilError('EMPTY_VALUE'));
    } catch (error) {
      if (isVigilError(error) && error.kind === 'poison') return error;
      throw error;
    }
  };

const decodeView = ({ value }: FetchedRecord, decode: ValueDecoder): unknown => (value === null ? null : decode(value));
