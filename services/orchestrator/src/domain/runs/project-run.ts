import type { PartState, PlannedTask, RunEffect, RunPlan, RunState, TaskState, TaskStatus } from '@vigil/workflows';
import type { Blocked } from './blocked.ts';
import type { StoredTaskState } from './run-reader.ts';
import type { TaskChange } from './task-change.ts';
import { timerNameOf } from './timer-name.ts';

const settled: ReadonlySet<TaskStatus> = new Set(['succeeded', 'failed', 'fell-back', 'skipped', 'cancelled']);
const isSettled = (task: TaskState | undefined): boolean => task !== undefined && settled.has(task.status);

const mostNames = 5;
/** A reader wants to know whom to look at, not a list of a thousand. */
const nameAFew = (names: readonly string[]): string =>
  names.length <= mostNames ? names.join(', ') : `${names.slice(0, mostNames).join(', ')} and ${names.length - mostNames} more`;

/** When a `wait` ends stands only in the effect that began it. */
const waitEndsOf = (effects: readonly RunEffect[]): ReadonlyMap<string, number> =>
  new Map(effects.flatMap((effect) => (effect.kind === 'set-timer' ? [[timerNameOf(effect.timer), effect.atMs] as const] : [])));

type WaitEnds = ReadonlyMap<string, number>;

const timeOf = (atMs: number | null | undefined): string => (typeof atMs === 'number' ? new Date(atMs).toISOString() : '');

function standstillOf({ status, reason }: RunState): Blocked | null {
  if (status === 'paused') return { reason: 'run_paused', by: reason ?? '' };
  return status === 'cancelling' ? { reason: 'run_cancelling', by: reason ?? '' } : null;
}

/** Why a task without a worker's help does not go on. */
function blockedTaskOf(planned: PlannedTask, run: RunState, ends: WaitEnds): Blocked | null {
  const task = run.tasks[planned.name] as TaskState;
  if (task.status === 'waiting') {
    const open = planned.dependsOn.filter((name) => !isSettled(run.tasks[name]));
    if (open.length > 0) return { reason: 'waiting_for_task', by: nameAFew(open) };
    return standstillOf(run) ?? { reason: 'waiting_for_task', by: '' };
  }
  if (task.status === 'held') {
    const approvers = 'approvers' in planned.spec ? planned.spec.approvers : [];
    return { reason: 'held_for_approval', by: approvers.length > 0 ? nameAFew(approvers) : (task.reason ?? '') };
  }
  if (task.status !== 'active' || planned.type !== 'wait') return null;
  return { reason: 'waiting_until', by: timeOf(ends.get(timerNameOf({ kind: 'wait', task: planned.name }))) };
}

function blockedPartOf(planned: PlannedTask, part: PartState, run: RunState, ends: WaitEnds): Blocked | null {
  switch (part.status) {
    case 'queued':
      return standstillOf(run) ?? { reason: 'queued', by: planned.pool ?? '' };
    case 'backing-off':
      return part.retryAtMs === null ? standstillOf(run) : { reason: 'retry_at', by: timeOf(part.retryAtMs) };
    case 'stopping':
      return { reason: 'stopping', by: part.childRunId ?? part.worker ?? '' };
    case 'running':
      if (part.childRunId !== null) return { reason: 'waiting_for_run', by: part.childRunId };
      return planned.pool === null ? blockedTaskOf(planned, run, ends) : null;
    default:
      return null;
  }
}

function stateOfTask(status: TaskStatus): StoredTaskState {
  return status === 'active' ? 'running' : status;
}

/** It did its work, and a person did not let it pass. */
const isDeclined = ({ status, error }: TaskState): boolean =>
  (status === 'failed' || status === 'fell-back') && error?.code === 'APPROVAL_DECLINED';

function stateOfPart(part: PartState, task: TaskState): StoredTaskState {
  if (task.status === 'held' && part.status !== 'failed') return 'held';
  if (isDeclined(task)) return stateOfTask(task.status);
  return part.status === 'failed' && task.status === 'fell-back' ? 'fell-back' : part.status;
}

/** A task that has no parts yet, or never has: one row. */
const rowOfTask = (planned: PlannedTask, run: RunState, ends: WaitEnds): TaskChange => {
  const task = run.tasks[planned.name] as TaskState;
  return {
    planned,
    part: 0,
    partKey: '',
    state: stateOfTask(task.status),
    attempt: 0,
    epoch: 0,
    blocked: blockedTaskOf(planned, run, ends),
    worker: null,
    health: null,
    counts: task.result?.counts ?? {},
    result: task.result,
    error: task.error,
    childRunId: null,
  };
};

const rowOfPart = (planned: PlannedTask, part: PartState, run: RunState, ends: WaitEnds): TaskChange => {
  const task = run.tasks[planned.name] as TaskState;
  const state = stateOfPart(part, task);
  return {
    planned,
    part: part.part,
    partKey: part.partKey,
    state,
    attempt: part.attempt,
    epoch: part.epoch,
    blocked: state === 'held' ? blockedTaskOf(planned, run, ends) : blockedPartOf(planned, part, run, ends),
    worker: part.worker,
    health: part.health,
    counts: part.result?.counts ?? {},
    result: part.result,
    error: part.error ?? (isDeclined(task) ? task.error : null),
    childRunId: part.childRunId,
  };
};

/** A queued attempt that was queued before is the dispatcher's: it may have handed it out meanwhile. */
const isStillQueued = (part: PartState, before: PartState | undefined): boolean =>
  part.status === 'queued' && before?.status === 'queued' && before.epoch === part.epoch;

function changedParts(after: TaskState, before: TaskState | undefined): readonly PartState[] {
  // What a person is asked, and answers, is said of the task: its parts ended before.
  const ending =
    before?.status !== after.status && [before?.status, after.status].some((status) => status === 'held' || status === 'fell-back');
  return after.parts.filter((part, place) => {
    const earlier = before?.parts[place];
    return (earlier !== part || ending) && !isStillQueued(part, earlier);
  });
}

/**
 * The rows of the projection that differ after a step (or several).
 *
 * @param effects  of those steps, in order
 */
export function projectRun(
  plan: RunPlan,
  { before, after }: { readonly before: RunState | null; readonly after: RunState },
  effects: readonly RunEffect[],
): readonly TaskChange[] {
  const ends = waitEndsOf(effects);
  const turned = (name: string): boolean => isSettled(before?.tasks[name]) !== isSettled(after.tasks[name]);
  const stands = before?.status !== after.status;
  return plan.tasks.flatMap((planned) => {
    const task = after.tasks[planned.name];
    if (!task) return [];
    const earlier = before?.tasks[planned.name];
    const isNews = task !== earlier || (task.status === 'waiting' && (stands || planned.dependsOn.some(turned)));
    if (!isNews) return [];
    if (task.parts.length === 0) return [rowOfTask(planned, after, ends)];
    return changedParts(task, earlier).map((part) => rowOfPart(planned, part, after, ends));
  });
}
