import type { Transaction } from '@vigil/postgres';
import type { EmittersOf } from '@vigil/runtime';
import type { DefinitionHooks } from '../../domain/runs/definition-store.ts';
import type { RunHooks } from '../../domain/runs/run-hooks.ts';
import type { runEvents } from '../../run-events.ts';
import { quarantineFiles } from './quarantine-files.ts';
import type { RunExtensions } from './run-engine.ts';

/** Hooks of stores that have to be there before what hooks into them. */
export interface LateHooks {
  readonly runs: RunHooks<Transaction>;
  readonly definitions: DefinitionHooks<Transaction>;
  /** From now on `extensions` are called. */
  extend(extensions: RunExtensions): void;
}

export function createLateHooks(events: Pick<EmittersOf<typeof runEvents>, 'taskFellBack'>): LateHooks {
  let late: RunExtensions = {};
  return {
    runs: {
      ended: async (transaction, runs) => late.runs?.ended?.(transaction, runs),
      fellBack: async (transaction, tasks) => {
        await quarantineFiles(transaction, tasks);
        for (const { action } of tasks) events.taskFellBack({ action });
        await late.runs?.fellBack?.(transaction, tasks);
      },
      tell: (steps) => late.runs?.tell?.(steps) ?? [],
    },
    definitions: {
      inForce: async (...given) => late.definitions?.inForce?.(...given),
      switched: async (...given) => late.definitions?.switched?.(...given),
    },
    extend: (extensions) => void (late = extensions),
  };
}
