import type { Disposition, ErrorCode, ErrorKind } from '@vigil/core';

/** How many records had which disposition; `lateCorrected` are among `late`. */
export type DispositionCounts = Record<Disposition, number> & { lateCorrected: number };

/**
 * What the engine tells about itself: the runtime makes logs and metrics of it. Events carry ids of topics, partitions
 * and offsets, counts and codes, never a key, a value or the text of a foreign error.
 */
export type EngineEvent =
  | {
      readonly type: 'committed';
      readonly stage: string;
      readonly partition: number;
      readonly consumed: number;
      readonly counts: DispositionCounts;
      /** Records written, by topic. */
      readonly outputs: Readonly<Record<string, number>>;
      readonly changelogRecords: number;
      /** From the first send to the commit's answer. */
      readonly commitMs: number;
      /** Now − ingestion time of the oldest record in the commit. */
      readonly oldestAgeMs: number;
      /** Distinct `traceparent` headers of the commit's records, the first 100: the batch's span links to them. */
      readonly traceparents?: readonly string[];
    }
  | {
      readonly type: 'quarantined';
      readonly stage: string;
      readonly topic: string;
      readonly partition: number;
      readonly offset: number;
      readonly code: ErrorCode;
      readonly attempt: number;
    }
  | {
      /** Our own code failed on a record; after the third attempt it is quarantined. Engineering should be paged. */
      readonly type: 'processor-failed';
      readonly stage: string;
      readonly topic: string;
      readonly partition: number;
      readonly offset: number;
      readonly attempt: number;
      /** Class name of what was thrown; the message may hold data. */
      readonly errorName: string;
    }
  | {
      readonly type: 'task-restored';
      readonly stage: string;
      readonly partition: number;
      readonly records: number;
      readonly durationMs: number;
    }
  /** In-memory state survived a rejoin because the fenced position was the one in memory. */
  | { readonly type: 'task-kept'; readonly stage: string; readonly partition: number }
  | {
      readonly type: 'task-closed';
      readonly stage: string;
      readonly partition: number;
      readonly reason: 'unassigned' | 'drained' | 'fenced';
    }
  /**
   * A write was refused because another instance owns the partition meanwhile: nothing of it counts. `refusal` = the
   * broker's own name for it.
   */
  | { readonly type: 'fenced'; readonly stage: string; readonly partition: number; readonly refusal: string }
  /** A transient failure or a dependency away: tried again after `delayMs`. */
  | {
      readonly type: 'retrying';
      readonly stage: string;
      /** Null = the whole stage. */
      readonly partition: number | null;
      readonly kind: ErrorKind;
      readonly code: string;
      readonly attempt: number;
      readonly delayMs: number;
    }
  | { readonly type: 'assigned'; readonly stage: string; readonly partitions: readonly number[] }
  | { readonly type: 'membership-lost'; readonly stage: string }
  | { readonly type: 'backpressure'; readonly stage: string; readonly topic: string; readonly partition: number; readonly paused: boolean }
  /** The stage stopped for good; nothing of the open batch was committed. */
  | { readonly type: 'failed'; readonly stage: string; readonly kind: ErrorKind; readonly code: string };

/** Port of the engine for logs and metrics. Called synchronously, never per record except for `quarantined`. */
export interface EngineObserver {
  on(event: EngineEvent): void;
}

export const silentObserver: EngineObserver = { on: () => undefined };
