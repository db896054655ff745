import { classifyError, steadyClock } from '@vigil/core';
import type { KafkaClient, SchemaRegistry } from '@vigil/kafka';
import { createPool, type Transaction } from '@vigil/postgres';
import type { EmittersOf } from '@vigil/runtime';
import type { DefinitionHooks, DefinitionStore } from '../../domain/runs/definition-store.ts';
import type { RunHooks } from '../../domain/runs/run-hooks.ts';
import type { RunStore } from '../../domain/runs/run-store.ts';
import type { FileArrivals } from '../../domain/schedules/file-arrivals.ts';
import { createPostponed } from '../../domain/schedules/postponed.ts';
import { createWakeLoop, type WakeLoop } from '../../loops/schedules/create-wake-loop.ts';
import { startEventTriggers } from '../../loops/schedules/start-event-triggers.ts';
import { startScheduler } from '../../loops/schedules/start-scheduler.ts';
import type { scheduleEvents } from '../../schedule-events.ts';
import { createEventReader } from './create-event-reader.ts';
import { createFileArrivals } from './create-file-arrivals.ts';
import { keepOwnSchedules } from './deploy-schedules.ts';
import { fillBackfills } from './fill-backfills.ts';
import { hearEndedRuns } from './hear-ended-runs.ts';
import { pollFileTriggers } from './poll-file-triggers.ts';
import { hearSwitch } from './switch-schedule.ts';
import { sweepRuns } from './sweep-runs.ts';
import { readNextDue, takeDue, takeDueSingly, type DueParts } from './take-due.ts';
import { pruneTriggers, takeTriggers } from './take-triggers.ts';
import { createWithDefaults } from './with-defaults.ts';

/** What schedules do in the transactions of runs and definitions; made before the stores, used once schedules have started. */
export interface ScheduleHooks {
  readonly runs: Required<Pick<RunHooks<Transaction>, 'ended'>>;
  readonly definitions: Required<DefinitionHooks<Transaction>>;
  /** Something changed: the scheduler looks at once. */
  readonly nudge: () => void;
  /** Tells whom to nudge. */
  readonly follow: (loop: Pick<WakeLoop, 'nudge'>) => void;
}

/** A nudge comes from within a transaction: what it is about can be seen a moment after it. */
const commitMs = 5;

export function createScheduleHooks(runs: () => Pick<RunStore<Transaction>, 'beginIn'>): ScheduleHooks {
  let loop: Pick<WakeLoop, 'nudge'> | undefined;
  const nudge = (): void => {
    loop?.nudge();
    setTimeout(() => loop?.nudge(), commitMs).unref();
  };
  return {
    nudge,
    follow: (started) => {
      loop = started;
    },
    runs: { ended: hearEndedRuns(runs, nudge) },
    definitions: {
      inForce: async (...given) => {
        await keepOwnSchedules(...given);
        nudge();
      },
      switched: async (...given) => {
        await hearSwitch(...given);
        nudge();
      },
    },
  };
}

export interface StartSchedulesOptions {
  readonly databaseUrl: string;
  readonly runs: RunStore<Transaction>;
  readonly definitions: DefinitionStore;
  readonly hooks: ScheduleHooks;
  readonly client: KafkaClient;
  readonly registry: SchemaRegistry;
  /** Where the sources of files stand; null = nothing triggers by files. */
  readonly sourcesFile: string | null;
  readonly filesEveryMs: number;
  readonly events: EmittersOf<typeof scheduleEvents>;
  readonly fail: (error: unknown) => void;
}

export interface StartedSchedules {
  readonly close: () => Promise<void>;
}

const everyMs = 1000;
const postponedMs = 60_000;

/** The name of the workflow of a schedule id: all that may be logged of it. */
const workflowOf = (scheduleId: string): string => scheduleId.split('/')[0] ?? '';

/** Starts what starts runs by itself: the clock, records, files, the ends of other runs, backfills. */
export function startSchedules(options: StartSchedulesOptions): StartedSchedules {
  const { databaseUrl: url, runs, hooks, client, registry, sourcesFile, events, fail } = options;
  const pool = createPool({ url, applicationName: 'orchestrator schedules', role: 'vigil_orchestrator', maxConnections: 4 });
  const codeOf = (error: unknown): 'DATABASE_AWAY' => classifyError(error).code as 'DATABASE_AWAY';
  const parts: DueParts = {
    pool,
    runs,
    withDefaults: createWithDefaults(options.definitions),
    postponed: createPostponed(postponedMs, () => steadyClock.now()),
    onPostponed: (of, error) => events.startPostponed({ of, code: codeOf(error) }),
  };
  const onTrouble = (error: unknown): void => events.schedulesTroubled({ code: codeOf(error) });

  const scheduler = startScheduler({
    everyMs,
    takeDue: (most) => takeDue(parts, most),
    takeDueSingly: (most) => takeDueSingly(parts, most, (scheduleId) => events.scheduleFailed({ workflow: workflowOf(scheduleId) })),
    takeTriggers: (most) => takeTriggers(parts, most),
    fillBackfills: () => fillBackfills(parts),
    sweepRuns: () => sweepRuns(parts),
    pruneTriggers: (most) => pruneTriggers(parts, most),
    readNextDue: () => readNextDue(pool),
    settle: () => runs.settle(),
    fired: ({ schedules, started, lateMs }) => events.schedulesTaken({ schedules, started, lateMs }),
    onTrouble,
    onFatal: fail,
  });
  hooks.follow(scheduler);
  const reader = createEventReader({ pool, client, registry, onTriggered: scheduler.nudge });
  const triggers = startEventTriggers({ source: reader, onTrouble, onFatal: fail });
  const closing = new AbortController();
  const arrivals: FileArrivals | null =
    sourcesFile === null ? null : createFileArrivals({ pool, sourcesFile, environment: process.env, signal: closing.signal });
  const files = createWakeLoop({
    turn: async () => {
      if (arrivals === null) return options.filesEveryMs;
      const onFailed = (source: string, error: unknown): void => events.sourceNotPolled({ source, code: codeOf(error) });
      if ((await pollFileTriggers({ pool, arrivals, onFailed })) > 0) scheduler.nudge();
      return options.filesEveryMs;
    },
    restMs: options.filesEveryMs,
    onTrouble,
    onFatal: fail,
  });
  return {
    close: async () => {
      closing.abort();
      await Promise.all([triggers.close(), files.close()]);
      await reader.close();
      await scheduler.close();
      await pool.end();
    },
  };
}
