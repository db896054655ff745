import type { Topic } from '@vigil/contracts';
import type { PartitionHealth } from '../engine/stage.ts';
import type { FetchedBatch, FetchedRecord } from '../ports/kafka-client.ts';
import type { SinkLease } from './sink-target.ts';

/** What was taken from a queue: records, and the position behind them. */
export interface TakenRecords {
  readonly records: readonly FetchedRecord[];
  readonly nextOffset: number;
}

export interface QueueOptions {
  readonly of: Topic;
  readonly read: 'decoded' | 'raw';
  /** Whether `topic` is the way back of `of`: origins then stand in headers. */
  readonly isRetry: boolean;
  readonly lease: SinkLease;
}

const bytesOf = ({ key, value }: FetchedRecord): number => (key?.length ?? 0) + (value?.length ?? 0);

/** What was fetched at a time. Where its bytes are known each record counts for their mean: looking at thousands of records costs more. */
interface Waiting extends Pick<FetchedBatch, 'records'> {
  readonly meanBytes: number | undefined;
}

const waitingOf = ({ records, bytes }: FetchedBatch): Waiting => ({
  records,
  meanBytes: bytes === undefined ? undefined : bytes / records.length,
});

/** What was fetched of one topic partition and is not written yet. */
export class SinkQueue {
  readonly topic: string;
  readonly partition: number;
  readonly epoch: number;
  readonly options: QueueOptions;
  /** Position stored by the target. */
  written: number;
  /** Last stable offset as last seen. */
  end: number;
  paused = false;
  records = 0;
  bytes = 0;
  #fetched: number;
  #batches: Waiting[] = [];
  #headAt = 0;
  /** Ingestion time of the first record that was taken and is not written. */
  #takenTimestamp: number | undefined;

  constructor(options: QueueOptions, end: number) {
    this.options = options;
    this.topic = options.lease.topic;
    this.partition = options.lease.partition;
    this.epoch = options.lease.epoch;
    this.written = options.lease.nextOffset;
    this.#fetched = this.written;
    this.end = end;
  }

  /** Whether there is something to write: records, or a position that moved past markers. */
  get waiting(): boolean {
    return this.records > 0 || this.#fetched > this.written;
  }

  get drained(): boolean {
    return this.written >= this.end;
  }

  /** The target stored a new position. */
  wrote(nextOffset: number): void {
    this.written = nextOffset;
    this.#takenTimestamp = undefined;
  }

  /** Lag counts from the position: what was taken and not written yet is part of it. */
  health(nowMs: number): PartitionHealth {
    const { topic, partition, written, end } = this;
    const oldest = this.#takenTimestamp ?? this.#batches[0]?.records.at(this.#headAt)?.timestamp;
    return {
      topic,
      partition,
      position: written,
      committed: written,
      end,
      lagRecords: Math.max(0, end - written),
      lagSeconds: oldest === undefined ? 0 : Math.max(0, (nowMs - oldest) / 1000),
    };
  }

  push(batch: FetchedBatch): void {
    this.end = batch.lastStableOffset;
    // Only what goes on from here: what overlaps would be written twice.
    if (batch.position !== this.#fetched || batch.nextOffset === this.#fetched) return;
    this.#fetched = batch.nextOffset;
    if (batch.records.length === 0) return;
    this.#batches.push(waitingOf(batch));
    this.records += batch.records.length;
    if (batch.bytes === undefined) for (const record of batch.records) this.bytes += bytesOf(record);
    else this.bytes += batch.bytes;
  }

  /** Takes up to `maxRecords` records of up to `maxBytes`, one at least, and all markers behind the last. */
  take(maxRecords: number, maxBytes: number): TakenRecords {
    const taken: FetchedRecord[] = [];
    let bytes = 0;
    for (let record = this.#peek(); record; record = this.#peek()) {
      const size = this.#batches[0]?.meanBytes ?? bytesOf(record);
      if (taken.length > 0 && (taken.length >= maxRecords || bytes + size > maxBytes)) break;
      taken.push(record);
      bytes += size;
      this.#headAt++;
    }
    this.#takenTimestamp ??= taken[0]?.timestamp;
    this.records -= taken.length;
    this.bytes = this.records === 0 ? 0 : this.bytes - bytes;
    return { records: taken, nextOffset: this.#peek()?.offset ?? this.#fetched };
  }

  #peek(): FetchedRecord | undefined {
    while (this.#batches[0] && this.#headAt >= this.#batches[0].records.length) {
      this.#batches.shift();
      this.#headAt = 0;
    }
    return this.#batches[0]?.records.at(this.#headAt);
  }
}
