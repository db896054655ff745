import type { Fetcher, TransactionalProducer } from '../ports/kafka-client.ts';
import type { TaskContext } from '../topology/topology.ts';
import { noMetadata, type CommitMetadata } from './commit-metadata.ts';
import type { StageClock } from './engine-clock.ts';
import type { EngineObserver } from './engine-observer.ts';
import type { EngineSettings } from './engine-settings.ts';
import { watchQuarantine, type QuarantineWatch } from './quarantine-limits.ts';
import { createRetrySchedule, type RetrySchedule } from './retry-schedule.ts';
import type { SchemaResolver } from './schema-resolver.ts';
import type { StageDependencies } from './stage.ts';
import type { StageTables } from './stage-tables.ts';
import { createTaskInbox, type TaskInbox } from './task-inbox.ts';
import { openTaskStores, type TaskStores } from './task-stores.ts';
import { noWork, type TaskWork, type WorkScope } from './task-work.ts';
import type { TopologyPlan } from './topology-plan.ts';

export interface TaskOptions {
  readonly plan: TopologyPlan;
  readonly partition: number;
  readonly world: Pick<StageDependencies, 'client' | 'registry'>;
  readonly fetcher: Fetcher;
  readonly tables: StageTables;
  readonly resolver: SchemaResolver;
  readonly clock: StageClock;
  readonly observer: EngineObserver;
  readonly random: () => number;
  readonly settings: EngineSettings;
  /** Whether this generation's membership still holds. */
  readonly confirmMembership: () => Promise<boolean>;
  /** The task met what ends the whole stage. */
  readonly onFatal: (error: unknown) => void;
}

/** What a task is made of and where it stands; changed only by the task's one activity. */
export interface TaskParts extends TaskOptions {
  readonly inbox: TaskInbox;
  readonly stores: TaskStores;
  readonly watch: QuarantineWatch;
  readonly retry: RetrySchedule;
  readonly scope: WorkScope;
  /** Stores and tables as handlers see them. */
  readonly views: Readonly<Record<string, unknown>>;
  work: TaskWork;
  /** Last known committed positions, by source topic. */
  committed: ReadonlyMap<string, number>;
  metadata: CommitMetadata;
  producer: TransactionalProducer | null;
  /** Fenced, restored and reading. */
  started: boolean;
  /** The stores hold exactly what was committed last. */
  stateIsValid: boolean;
  draining: boolean;
  /** Fenced by somebody: only goes on when the coordinator says that it is still a member. */
  mustConfirm: boolean;
  retryAtMs: number;
  restoredAtMs: number;
  lastTickMs: number;
  lastCommitMs: number;
  lastHandledTimestamp: number;
}

export function createTaskParts(options: TaskOptions): TaskParts {
  const { plan, partition, fetcher, clock, observer, settings, tables, random } = options;
  const inbox = createTaskInbox({ plan, partition, fetcher, observer, ...settings });
  const stores = openTaskStores(plan, partition);
  const watch = watchQuarantine(settings.quarantine);
  return {
    ...options,
    inbox,
    stores,
    watch,
    retry: createRetrySchedule(settings, random),
    scope: { plan, partition, watch, observer, inbox, stores, ...settings, service: settings.service ?? plan.group },
    views: { ...tables.views, ...stores.views },
    work: noWork(),
    committed: new Map(),
    metadata: noMetadata,
    producer: null,
    started: false,
    stateIsValid: false,
    draining: false,
    mustConfirm: false,
    retryAtMs: Number.NEGATIVE_INFINITY,
    restoredAtMs: 0,
    lastTickMs: clock.now(),
    lastCommitMs: Number.NEGATIVE_INFINITY,
    lastHandledTimestamp: 0,
  };
}

export const contextAt = ({ views, partition }: TaskParts, nowMs: number): TaskContext<unknown> => ({ stores: views, nowMs, partition });

/** Drops what was not committed. A fault that was noticed stays known. */
export function forgetWork(task: TaskParts): void {
  task.stores.rollback();
  task.watch.resume(task.metadata.rejectedInARow);
  const { fault, limit } = task.work;
  task.work = { ...noWork(), positions: new Map(task.committed), fault, limit };
}

/** After any error the producer's transaction is in an unknown state: it is never used again. */
export async function dropProducer(task: TaskParts): Promise<void> {
  const old = task.producer;
  task.producer = null;
  task.started = false;
  await old?.close().catch(() => undefined);
}

/** How long a partition counts as read to its end after it last said so. */
const freshMs = 10_000;

/** Every source partition is read and handled to its end, none is paused, and the broker said so lately. */
export const isCaughtUp = (task: TaskParts, nowMs: number): boolean =>
  task.started &&
  task.inbox.peek() === null &&
  task.inbox
    .lanes()
    .every(
      ({ source, end, paused, confirmedAtMs }) =>
        !paused && (task.work.positions.get(source.name) ?? 0) >= end && nowMs - confirmedAtMs <= freshMs,
    );
