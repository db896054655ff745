import { classifyError, isVigilError, VigilError, type ErrorCode } from '@vigil/core';
import { createValueDecoder, unresolvedIds, type ValueDecoder } from '../codec/value-decoder.ts';
import type { EngineClock } from '../engine/engine-clock.ts';
import type { FetchedRecord } from '../ports/kafka-client.ts';
import type { SchemaRegistry } from '../ports/schema-registry.ts';
import { recordFactsOf } from './record-facts.ts';
import type { SinkQueue } from './sink-queue.ts';
import type { SinkRecord, SinkRejection, SinkSlice } from './sink-target.ts';

/** A record that could not be read, with what its quarantine needs. */
export interface RefusedRecord {
  readonly record: SinkRecord<null>;
  readonly code: ErrorCode;
}

export interface ReadSlice {
  readonly slice: SinkSlice;
  readonly refused: readonly RefusedRecord[];
}

export interface SliceReaderOptions {
  readonly registry: SchemaRegistry;
  readonly clock: EngineClock;
  /** First wait before an unknown schema id is asked for again: it may be registered this moment. */
  readonly retryBaseMs: number;
}

/** Turns what was fetched into slices. */
export interface SliceReader {
  /** Asks the registry for ids that are new. @throws VigilError REGISTRY_AWAY */
  resolveSchemas(queue: SinkQueue, records: readonly FetchedRecord[]): Promise<void>;
  read(queue: SinkQueue, records: readonly FetchedRecord[], nextOffset: number): ReadSlice;
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
      const ids = unresolvedIds(
        records.map(({ value }) => value),
        registry,
      );
      for (const id of ids) await resolveId(id);
    },
    read(queue, fetched, nextOffset) {
      const { topic, partition, epoch, written: startOffset, options } = queue;
      const decode = options.read === 'raw' ? readRaw : readingWith(decoderOf(queue), options.of.cleanup === 'compact');
      const records: SinkRecord[] = [];
      const refused: RefusedRecord[] = [];
      for (const raw of fetched) {
        const record = recordOf(queue, raw);
        const result = decode(raw.value);
        if (isVigilError(result)) refused.push({ record, code: result.code });
        else records.push({ ...record, value: result });
      }
      const rejected = refused.map(({ record: { offset, batchId }, code }): SinkRejection => ({ offset, batchId, code }));
      return { slice: { topic, partition, of: options.of, epoch, startOffset, nextOffset, records, rejected }, refused };
    },
  };
}

const recordOf = ({ topic, partition, options }: SinkQueue, raw: FetchedRecord): SinkRecord<null> => ({
  offset: raw.offset,
  timestamp: raw.timestamp,
  key: raw.key === null ? null : raw.key.toString('utf8'),
  value: null,
  ...recordFactsOf(topic, partition, raw, options.isRetry),
  raw,
});

/** The value, or why it cannot be read. */
type ReadValue = (value: Buffer | null) => unknown;

const readRaw: ReadValue = () => null;

const readingWith =
  (decode: ValueDecoder, mayBeEmpty: boolean): ReadValue =>
  (value) => {
    if (value === null) return mayBeEmpty ? null : new VigilError('EMPTY_VALUE');
    try {
      return decode(value);
    } catch (error) {
      if (isVigilError(error) && error.kind === 'poison') return error;
      throw error;
    }
  };
