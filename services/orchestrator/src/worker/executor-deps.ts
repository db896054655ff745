import type { Clock } from '@vigil/core';
import type { KafkaClient, SchemaRegistry } from '@vigil/kafka';
import type { createPool } from '@vigil/postgres';
import type { Keys, OnClose, SettingsOf } from '@vigil/runtime';
import type { workerSettings } from './worker-settings.ts';

/** What executors are made of. All tasks of a worker share it. */
export interface ExecutorDeps {
  readonly client: KafkaClient;
  readonly registry: SchemaRegistry;
  /** A connection as the principal `audit-reporter`, the only one that reads the audit trail. Whoever opens it closes it. */
  readonly openAuditClient: () => KafkaClient;
  /** The database `vigil` with the rights of `vigil_worker`. */
  readonly database: ReturnType<typeof createPool>;
  readonly keys: Keys;
  readonly clock: Clock;
  readonly settings: SettingsOf<(typeof workerSettings)['shape']>;
  /** Told of failures that the executor goes on after. */
  readonly onTrouble: (error: unknown) => void;
  /** Told of a replication slot of a source that is no longer declared, and of one that has gone since: 0 bytes. */
  readonly onForgottenSlot: (slot: { readonly source: string; readonly slot: string; readonly keptBytes: number }) => void;
  /** Closed last opened first, after all attempts ended. */
  readonly onClose: OnClose;
}
