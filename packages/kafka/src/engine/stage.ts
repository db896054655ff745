import type { StageClock } from './engine-clock.ts';
import type { EngineObserver } from './engine-observer.ts';
import type { EngineSettings } from './engine-settings.ts';
import type { KafkaClient } from '../ports/kafka-client.ts';
import type { SchemaRegistry } from '../ports/schema-registry.ts';

/** What a stage needs of the world. */
export interface StageDependencies {
  readonly client: KafkaClient;
  readonly registry: SchemaRegistry;
  readonly clock?: StageClock;
  readonly observer?: EngineObserver;
  /** In [0, 1), for jitter. */
  readonly random?: () => number;
  readonly settings?: Partial<EngineSettings>;
}

export interface PartitionHealth {
  readonly topic: string;
  readonly partition: number;
  /** Next offset to process, past markers and aborted records. */
  readonly position: number;
  readonly committed: number;
  /** Last stable offset as last seen. */
  readonly end: number;
  readonly lagRecords: number;
  /** Now − ingestion time of the record at the position; 0 = read to the end. */
  readonly lagSeconds: number;
}

export interface StageHealth {
  /** `waiting`: a dependency is away, tried again. */
  readonly state: 'joining' | 'running' | 'waiting' | 'draining' | 'stopped' | 'failed';
  readonly assigned: readonly number[];
  /** Tasks that are restored and processing. */
  readonly openTasks: number;
  readonly partitions: readonly PartitionHealth[];
  /** The greatest over the partitions. */
  readonly lagSeconds: number;
  readonly drained: boolean;
  /** How long ago the read loop last turned. */
  readonly idleMs?: number;
}

/** A running topology. */
export interface Stage {
  /** Stops reading, commits what is handled, leaves the group. Never rejects; `false` = the time was not enough. */
  drain(options: { readonly withinMs: number }): Promise<boolean>;
  health(): StageHealth;
  /** Resolves after a drain, rejects when the stage stopped for good: the process should then end. */
  readonly finished: Promise<void>;
}
