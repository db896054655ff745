import type { Group, Topic } from '@vigil/contracts';
import type { EngineSettings } from '../engine/engine-settings.ts';
import type { StageDependencies } from '../engine/stage.ts';
import type { SinkTarget } from './sink-target.ts';

/** `decoded`: values by the topic's schema, poison goes to quarantine. `raw`: bytes as they are, nothing is refused. */
export interface SinkSource {
  readonly topic: Topic;
  readonly read: 'decoded' | 'raw';
}

/** When what waits is written: whichever comes first. */
export interface SinkLimits {
  readonly maxRecords: number;
  /** Keys and values together. */
  readonly maxBytes: number;
  /** Longest time that a record waits, from its arrival at the sink. */
  readonly maxWaitMs: number;
  /** Written earlier when nothing new came for this long. */
  readonly idleMs: number;
}

export const defaultSinkLimits: SinkLimits = Object.freeze({
  maxRecords: 10_000,
  maxBytes: 16 * 1024 * 1024,
  maxWaitMs: 200,
  idleMs: 50,
});

/** A sink as a value: which topics end where. */
export interface SinkSpec {
  /** Consumer group, name of the stored positions and stage of the ledger. */
  readonly name: Group;
  /** Co-partitioned topics; one task = one partition number of all of them, written in one transaction. */
  readonly sources: readonly SinkSource[];
  readonly limits?: Partial<SinkLimits>;
}

export interface SinkDependencies extends StageDependencies {
  readonly target: SinkTarget;
}

/** The engine's settings that a sink has, too. */
export type SinkSettings = Pick<
  EngineSettings,
  'sessionTimeoutMs' | 'pollMs' | 'retryBaseMs' | 'retryCapMs' | 'quarantine' | 'service' | 'serviceVersion'
>;
