import type { Topic } from '@vigil/contracts';
import type { ErrorCode } from '@vigil/core';

/** An item of a batch source with the place behind it. */
export interface PositionedItem<Item> {
  readonly item: Item;
  /** Where the next attempt goes on when everything up to this item is safe. */
  readonly position: string;
  /** For people: `line 12`. */
  readonly place: string;
  /** Line of a file, from 1; 0 where there is none. */
  readonly line: number;
  /** Kept with the checkpoint and told with the commit; a line of text. */
  readonly memo?: string;
}

/** One partition of a job: what one attempt reads, alone. Its transactional id is `batch.<job>.<partition>`. */
export interface JobPartition<Item> {
  /** `file:<file id>:<start of its sha256>`, `table:<source>.<table>`. */
  readonly job: string;
  readonly partition: number;
  /** Of the attempt; a checkpoint of a greater one ends it as FENCED. */
  readonly epoch: number;
  readonly runId: string;
  readonly batchId: string;
  /** Task of the run; absent = none. */
  readonly task?: string;
  /** @param position  of the last checkpoint; null = none */
  readonly read: (position: string | null) => AsyncIterable<PositionedItem<Item>>;
}

/** A record to publish; partition = murmur2 of the key, as everywhere. */
export interface OutgoingRecord<Value = unknown> {
  readonly topic: Topic<Value>;
  readonly key: string;
  /** Encoded by the topic's schema, or bytes as they are (topics of the format json-or-avro). */
  readonly value: Value | Buffer;
  /** Key of the partition where it differs from the record's key. */
  readonly partitionKey?: string;
}

/** What an item becomes. */
export type Mapped =
  | { readonly kind: 'records'; readonly records: readonly OutgoingRecord[] }
  | { readonly kind: 'skipped' }
  /** Was none: only its position counts. */
  | { readonly kind: 'mark' }
  | {
      readonly kind: 'rejected';
      readonly code: ErrorCode;
      readonly field: string;
      readonly detail: string;
      readonly bytes: Buffer;
      /** What is published because of it beside the rejection. */
      readonly records?: readonly OutgoingRecord[];
    };

/** Pure and synchronous. */
export type MapItem<Item> = (item: PositionedItem<Item>) => Mapped;

/** How many records a job has written for a batch, by topic, over all attempts. */
export interface JobOutputs {
  readonly batchId: string;
  readonly task: string;
  readonly records: Readonly<Record<string, number>>;
}

export interface JobCounts {
  readonly read: number;
  readonly written: number;
  readonly rejected: number;
  readonly skipped: number;
}

export interface JobResult extends JobCounts {
  /** Whether an earlier attempt had come to the end already. */
  readonly wasDone: boolean;
}

/** When a partition stops because too much of it is bad: an error JOB_SKIP_LIMIT (poison), nothing beyond the last checkpoint is lost. */
export interface SkipLimit {
  readonly count: number;
  /** 0 to 1, judged from 100 items on. */
  readonly ratio: number;
}
