// The engine of runs as the rest of the orchestrator sees it: what it needs, and what it gives.
import type { EngineObserver, EngineSettings, KafkaClient, SchemaRegistry, Stage } from '@vigil/kafka';
import type { createPool, Transaction } from '@vigil/postgres';
import type { EmittersOf, Log } from '@vigil/runtime';
import type { RunPlan } from '@vigil/workflows';
import type { PoolConfig } from '../../domain/runs/choose-parts.ts';
import type { DefinitionHooks, DefinitionStore } from '../../domain/runs/definition-store.ts';
import type { OutboxMessage, RunHooks } from '../../domain/runs/run-hooks.ts';
import type { RunReader } from '../../domain/runs/run-reader.ts';
import type { RunStore } from '../../domain/runs/run-store.ts';
import type { RunPace } from '../../loops/runs/start-run-loops.ts';
import type { runEvents } from '../../run-events.ts';

export interface RunSettings {
  readonly databaseUrl: string;
  readonly leaseMs: number;
  readonly workerSilentMs: number;
  readonly ageingMs: number;
  readonly reserveAfterMs: number;
  readonly retentionDays: number;
}

/** What the rest of the orchestrator does in the transactions of runs; made once the stores are there. */
export interface RunExtensions {
  readonly runs?: RunHooks<Transaction>;
  readonly definitions?: DefinitionHooks<Transaction>;
}

export interface StartRunsOptions {
  readonly settings: RunSettings;
  readonly pools: readonly PoolConfig[];
  readonly client: KafkaClient;
  readonly registry: SchemaRegistry;
  readonly observer: EngineObserver;
  readonly engine: Partial<EngineSettings>;
  readonly events: EmittersOf<typeof runEvents>;
  readonly compile: (text: string, version: { readonly version: number; readonly sha256: string }) => RunPlan;
  readonly readEnds: () => Promise<Readonly<Record<string, number>>>;
  readonly extend?: (stores: RunStores) => RunExtensions;
  /** Told of messages that Kafka has acknowledged. */
  readonly onPublished?: (messages: readonly OutboxMessage[]) => void;
  readonly fail: (error: unknown) => void;
  /** Tells where in our code a run could not be moved. */
  readonly log?: Pick<Log, 'failure'>;
  readonly pace?: RunPace;
}

export interface RunStores {
  readonly runs: RunStore<Transaction>;
  readonly definitions: DefinitionStore;
  readonly reader: RunReader;
  readonly pool: ReturnType<typeof createPool>;
}

export interface StartedRuns extends RunStores {
  /** Reports of workers: to supervise. */
  readonly reports: Stage;
  /** The database was asked lately and answered. */
  readonly isWell: () => boolean;
  readonly close: () => Promise<void>;
}
