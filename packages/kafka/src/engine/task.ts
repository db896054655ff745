import type { FetchedBatch } from '../ports/kafka-client.ts';
import type { PartitionHealth } from './stage.ts';
import { healthOfTask, isTaskDrained } from './task-health.ts';
import { createTaskParts, dropProducer, forgetWork, type TaskOptions } from './task-parts.ts';
import { recoverTask } from './task-recovery.ts';
import { startTask } from './task-start.ts';
import { nextTurnAtMs, takeTurn } from './task-turn.ts';

/**
 * One partition number of all sources: reads, handles and commits it exactly once.
 *
 * `tend` is called after every poll and by the task's own timer; it starts at most one activity, which `settled` waits for.
 */
export interface Task {
  readonly partition: number;
  offer(batch: FetchedBatch): void;
  tend(): void;
  settled(): Promise<void>;
  /** Membership is being renegotiated: hands off until `resume`. */
  suspend(): void;
  /** A new generation left the task here: it fences again, and keeps its state when the position found is its own. */
  resume(): void;
  /** Commits what is handled, then closes. */
  drain(): Promise<void>;
  close(reason: 'unassigned' | 'drained'): Promise<void>;
  health(): readonly PartitionHealth[];
  readonly isOpen: boolean;
  readonly isWaiting: boolean;
  readonly isDrained: boolean;
}

export function createTask(options: TaskOptions): Task {
  const task = createTaskParts(options);
  const { clock, plan, partition, observer } = options;
  let suspended = false;
  let closed = false;
  let mustRestart = false;
  let generations = 0;
  let activity: Promise<void> | null = null;
  let cancelTimer: (() => void) | null = null;

  const mayRun = (): boolean => !closed && !suspended && clock.now() >= task.retryAtMs;
  /** Fenced while still assigned by our own account: only the coordinator knows. False = wait for a new generation. */
  const isStillMember = async (): Promise<boolean> => {
    if (!task.mustConfirm) return true;
    const generation = generations;
    if (await options.confirmMembership()) {
      task.mustConfirm = false;
      return true;
    }
    // A new generation may have come while the coordinator was asked.
    if (generations === generation) suspended = true;
    return false;
  };
  const run = async (): Promise<void> => {
    if (mustRestart) task.started = false;
    mustRestart = false;
    if (!task.started && !(task.draining && task.producer === null)) {
      if (!(await isStillMember()) || !mayRun()) return;
      await startTask(task);
    }
    while (mayRun() && !mustRestart && task.started && (await takeTurn(task)));
  };
  const live = async (): Promise<void> => {
    try {
      await run();
    } catch (error) {
      await recoverTask(task, error).catch((fatal: unknown) => {
        closed = true;
        options.onFatal(fatal);
      });
    }
  };
  const armTimer = (): void => {
    cancelTimer?.();
    cancelTimer = null;
    if (closed || suspended) return;
    const nowMs = clock.now();
    const atMs = task.retryAtMs > nowMs ? task.retryAtMs : task.started && !mustRestart ? nextTurnAtMs(task, nowMs) : nowMs;
    if (Number.isFinite(atMs)) cancelTimer = clock.after(Math.max(0, atMs - nowMs), tend);
  };
  const tend = (): void => {
    if (activity || !mayRun()) return;
    activity = live().finally(() => {
      activity = null;
      armTimer();
    });
  };
  const settled = async (): Promise<void> => {
    while (activity) await activity;
  };
  const close = async (reason: 'unassigned' | 'drained'): Promise<void> => {
    closed = true;
    cancelTimer?.();
    await settled();
    forgetWork(task);
    task.inbox.stop();
    await dropProducer(task);
    observer.on({ type: 'task-closed', stage: plan.group, partition, reason });
  };

  return {
    partition,
    offer: (batch) => {
      if (task.started && !closed) task.inbox.offer(batch, clock.now());
    },
    tend,
    settled,
    suspend() {
      suspended = true;
    },
    resume() {
      generations++;
      suspended = false;
      mustRestart = true;
      task.mustConfirm = false;
      task.retryAtMs = Number.NEGATIVE_INFINITY;
      tend();
    },
    async drain() {
      await settled();
      task.draining = true;
      tend();
      await settled();
      await close('drained');
    },
    close,
    health: () => healthOfTask(task, clock.present()),
    get isOpen() {
      return task.started && !closed;
    },
    get isWaiting() {
      return clock.now() < task.retryAtMs;
    },
    get isDrained() {
      return isTaskDrained(task);
    },
  };
}
