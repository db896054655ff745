import type { Topic } from '@vigil/contracts';
import type { Clock } from '@vigil/core';
import type { KafkaClient, SchemaRegistry } from '@vigil/kafka';
import type { JobPartition, MapItem, SkipLimit } from './batch-job.ts';
import type { Checkpoints } from './checkpoints.ts';
import type { ChunkLimits } from './chunk-rhythm.ts';
import type { JobSource } from './topic-chunk.ts';
import type { CommittedChunk } from './topic-committer.ts';

/** What jobs of a process share. */
export interface TopicJobPorts {
  readonly client: KafkaClient;
  readonly registry: SchemaRegistry;
  readonly checkpoints: Checkpoints;
  readonly clock: Clock;
  /** Resolves when the live stream leaves room for a batch: `createYieldToLive`. */
  readonly yieldToLive?: () => Promise<void>;
}

export interface TopicJobOptions<Item> {
  readonly partition: JobPartition<Item>;
  readonly map: MapItem<Item>;
  /** Topics that `map` writes. */
  readonly writes: readonly Topic[];
  readonly source: JobSource;
  /** `for-good`: what came to its end is never read again (a file). `for-the-run`: the next run goes on behind it, with counts of its own (a table). */
  readonly ends: 'for-good' | 'for-the-run';
  /** Null = however much is rejected. */
  readonly skipLimit: SkipLimit | null;
  readonly limits?: Partial<ChunkLimits>;
  /** W3C trace context of the task. */
  readonly traceparent?: string | null;
  readonly signal: AbortSignal;
  /**
   * After each commit and before the next one; what it throws ends the job. The last chunk of an attempt that died is
   * told again to the next attempt: it may come twice.
   */
  readonly onCommitted?: (chunk: CommittedChunk) => Promise<void> | void;
}
