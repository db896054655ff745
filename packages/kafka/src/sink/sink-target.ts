import type { BatchProgressed, Topic } from '@vigil/contracts';
import type { ErrorCode } from '@vigil/core';
import type { FetchedRecord, TopicPartition } from '../ports/kafka-client.ts';
import type { RecordOrigin } from '../topology/topology.ts';

/**
 * The end of a stream that keeps its own positions: a database, or files with a manifest in one.
 *
 * Position and data change in one transaction, guarded by an epoch, so what is read twice is written once and
 * a predecessor that wakes up late writes nothing.
 */
export interface SinkTarget {
  /**
   * Takes partitions over: raises their epochs, so that whoever held them before can no longer write.
   * All of them or none.
   *
   * @throws VigilError TOPIC_RECREATED where the stored position belongs to another topic of the same name
   */
  acquire(requests: readonly PositionRequest[]): Promise<readonly SinkLease[]>;
  /**
   * Writes the rows, the positions and the ledger rows of a batch in one transaction.
   *
   * After an error the outcome is unknown: acquire again and go on from the position that is found.
   * A poison error means that the transaction was rolled back and one of the records is the reason.
   *
   * @returns what became of each slice, in order
   * @throws VigilError FENCED where an epoch is no longer ours: nothing was written
   */
  write(batch: SinkBatch): Promise<readonly SliceEffects[]>;
  /**
   * Whether partitions are still held at the positions we left: a rewind moves them while nothing is being written.
   *
   * @param held  with `nextOffset` = the position as we know it
   */
  holds(held: readonly SinkLease[]): Promise<boolean>;
  /**
   * Publishes the ledger rows that earlier batches left, oldest first, and forgets them once `publish` resolved. At
   * least once. Returns how many were published.
   */
  relayLedger(publish: PublishLedger): Promise<number>;
}

/** Sends ledger rows and resolves after the broker's acknowledgement. */
export type PublishLedger = (rows: readonly BatchProgressed[]) => Promise<void>;

/** A partition to take over. */
export interface PositionRequest extends TopicPartition {
  /** Null where the broker does not tell topics of one name apart. */
  readonly topicId: string | null;
  /** Where to begin when no position is stored: the start of the log. */
  readonly startOffset: number;
}

/** The right to write one partition. */
export interface SinkLease extends TopicPartition {
  readonly epoch: number;
  /** The position to go on from: the next offset to read, past control markers. */
  readonly nextOffset: number;
}

/**
 * One record as the target gets it. `value` is decoded; it is null for a tombstone (compacted topics only) and where the
 * source is read raw: `raw` has the bytes.
 */
export interface SinkRecord<Value = unknown> {
  /** Where it was read: its row's `src_offset`. */
  readonly offset: number;
  /** Ingestion time of this record, milliseconds since the epoch. */
  readonly timestamp: number;
  readonly key: string | null;
  readonly value: Value;
  /** Where it first stood; differs from `offset` for a requeued record. */
  readonly origin: RecordOrigin;
  /** Value of the header `vigil-batch-id`. */
  readonly batchId: string | null;
  readonly raw: FetchedRecord;
}

/** A record that a sink refuses, and why. */
export interface RefusedRecord {
  readonly record: SinkRecord;
  readonly code: ErrorCode;
}

/** A record that went to quarantine before the batch was written. */
export interface SinkRejection {
  readonly offset: number;
  readonly batchId: string | null;
  readonly code: ErrorCode;
}

/** What a batch holds of one topic partition. May be without records, where only the position moved past markers. */
export interface SinkSlice<Value = unknown> extends TopicPartition {
  /** The catalogue's topic whose records these are; `topic` is another one for records that came back by the retry topic. */
  readonly of: Topic<Value>;
  readonly epoch: number;
  /** The stored position that this slice goes on from. */
  readonly startOffset: number;
  /** The position to store. */
  readonly nextOffset: number;
  readonly records: readonly SinkRecord<Value>[];
  readonly rejected: readonly SinkRejection[];
}

/** What is written in one transaction: slices of one task, that is of one partition number. */
export interface SinkBatch {
  /** Consumer group, name of the positions and stage of the ledger. */
  readonly sink: string;
  readonly partition: number;
  readonly slices: readonly SinkSlice[];
  /** The task's clock when the batch was closed. */
  readonly nowMs: number;
}

/** What became of a slice's records; those in neither set were `processed`. */
export interface SliceEffects {
  /** Rows written, by table. */
  readonly outputs: Readonly<Record<string, number>>;
  /** Records that the target had already. */
  readonly duplicates?: ReadonlySet<SinkRecord>;
  /** Records withheld on purpose. */
  readonly suppressed?: ReadonlySet<SinkRecord>;
}

/** The slices of `batch` that hold records of `topic`, with its type. */
export const slicesOf = <Value>(batch: SinkBatch, topic: Topic<Value>): readonly SinkSlice<Value>[] =>
  batch.slices.filter((slice): slice is SinkSlice<Value> => slice.of.name === topic.name);
