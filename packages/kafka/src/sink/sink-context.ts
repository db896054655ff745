import type { StageClock } from '../engine/engine-clock.ts';
import type { EngineEvent } from '../engine/engine-observer.ts';
import type { Fetcher, KafkaClient, ProducedRecord } from '../ports/kafka-client.ts';
import type { SinkTopic } from './open-queues.ts';
import type { SliceReader } from './read-slice.ts';
import type { SinkLimits, SinkSettings, SinkSpec } from './sink-spec.ts';
import type { SinkBatch, SinkTarget } from './sink-target.ts';

type WithoutStage<Event> = Event extends EngineEvent ? Omit<Event, 'stage'> : never;

/** What the tasks of one sink share. */
export interface SinkContext {
  readonly spec: SinkSpec;
  readonly limits: SinkLimits;
  readonly settings: SinkSettings;
  readonly topics: readonly SinkTopic[];
  readonly target: SinkTarget;
  readonly client: KafkaClient;
  readonly fetcher: Fetcher;
  readonly reader: SliceReader;
  readonly clock: StageClock;
  readonly random: () => number;
  report(event: WithoutStage<EngineEvent>): void;
  /** Resolves after the acknowledgement. @throws VigilError QUARANTINE_WRITE_FAILED, or the dependency's failure */
  sendToQuarantine(letters: readonly ProducedRecord[]): Promise<void>;
  /** Asks the coordinator whether what we hold is still ours. */
  isStillMember(): Promise<boolean>;
  onWritten(batch: SinkBatch): void;
  /** Something changed: the read loop should look at once. */
  wake(): void;
  /** Ends the whole sink: what is open stays unwritten. */
  fail(error: unknown): void;
}
