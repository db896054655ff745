import type { Clock } from '@vigil/core';
import type { KafkaClient, SchemaRegistry } from '@vigil/kafka';
import type { createPool } from '@vigil/postgres';
import type { Keys, OnClose, SettingsOf } from '@vigil/runtime';
import type { FindExecutor } from './executor.ts';
import { createStageExecutors } from './stages/create-stage-executors.ts';
import type { workerSettings } from './worker-settings.ts';

/** What executors are made of. All tasks of a worker share it. */
export interface ExecutorDeps {
  readonly client: KafkaClient;
  readonly registry: SchemaRegistry;
  /** The database `vigil` with the rights of `vigil_worker`. */
  readonly database: ReturnType<typeof createPool>;
  readonly keys: Keys;
  readonly clock: Clock;
  readonly settings: SettingsOf<(typeof workerSettings)['shape']>;
  /** Told of failures that the executor goes on after. */
  readonly onTrouble: (error: unknown) => void;
  /** Closed last opened first, after all attempts ended. */
  readonly onClose: OnClose;
}

/** One entry per kind of task, asked in this order; each is a `createXExecutors(deps): FindExecutor` in a folder of its own. */
const kinds: readonly ((deps: ExecutorDeps) => FindExecutor)[] = [createStageExecutors];

/** All executors there are. */
export function createExecutors(deps: ExecutorDeps): FindExecutor {
  const finders = kinds.map((create) => create(deps));
  return (task) => {
    for (const find of finders) {
      const executor = find(task);
      if (executor) return executor;
    }
    return undefined;
  };
}
