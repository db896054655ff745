import type { PartState, PlannedTask, RunEffect, RunPlan, RunState, TaskState, TaskStatus } from '@vigil/workflows';
import type { Blocked } from './blocked.ts';
import type { StoredTaskState } from './ports.ts';
import type { TaskChange } from './task-change.ts';
import { timerNameOf } from './timer-name.ts';

const settled: ReadonlySet<TaskStatus> = new Set(['succeeded', 'failed', 'fell-back', 'skipped', 'cancelled']);
const isSettled = (task: TaskState | undefined): boolean => task !== undefined && settled.has(task.status);

const mostNames = 5;
/** A reader wants to know whom to look at, not a list of a thousand. */
const nameAFew = (names: readonly string[]): string =>
  names.length <= mostNames ? names.join(', ') : `${names.slice(0, mostNames).join(', ')} and ${names.length - mostNames} more`;

/** What a step says beside the state: when timers fire, who is asked. */
interface Said {
  readonly timerAtMs: ReadonlyMap<string, number>;
  readonly approvers: ReadonlyMap<string, readonly string[]>;
}

function readEffects(effects: readonly RunEffect[]): Said {
  const timerAtMs = new Map<string, number>();
  const approvers = new Map<string, readonly string[]>();
  for (const effect of effects) {
    if (effect.kind === 'set-timer') timerAtMs.set(timerNameOf(effect.timer), effect.atMs);
    if (effect.kind === 'ask-approval') approvers.set(effect.task, effect.approvers);
  }
  return { timerAtMs, approvers };
}

const timeOf = (atMs: number | undefined): string => (atMs === undefined ? '' : new Date(atMs).toISOString());

function standstillOf({ status, reason }: RunState): Blocked | null {
  if (status === 'paused') return { reason: 'run_paused', by: reason ?? '' };
  return status === 'cancelling' ? { reason: 'run_cancelling', by: reason ?? '' } : null;
}

/** Why a task without a worker's help does not go on. */
function blockedTaskOf(planned: PlannedTask, run: RunState, said: Said): Blocked | null {
  const task = run.tasks[planned.name] as TaskState;
  if (task.status === 'waiting') {
    const open = planned.dependsOn.filter((name) => !isSettled(run.tasks[name]));
    if (open.length > 0) return { reason: 'waiting_for_task', by: nameAFew(open) };
    return standstillOf(run) ?? { reason: 'waiting_for_task', by: '' };
  }
  if (task.status === 'held') {
    const approvers = said.approvers.get(planned.name);
    return { reason: 'held_for_approval', by: approvers ? nameAFew(approvers) : (task.reason ?? '') };
  }
  if (task.status !== 'active' || planned.type !== ('wait' as PlannedTask['type'])) return null;
  return { reason: 'waiting_until', by: timeOf(said.timerAtMs.get(timerNameOf({ kind: 'wait', task: planned.name }))) };
}

function blockedPartOf(planned: PlannedTask, part: PartState, run: RunState, said: Said): Blocked | null {
  switch (part.status) {
    case 'queued':
      return standstillOf(run) ?? { reason: 'queued', by: planned.pool ?? '' };
    case 'backing-off': {
      const timer = { kind: 'retry', task: planned.name, part: part.part, epoch: part.epoch } as const;
      return { reason: 'retry_at', by: timeOf(said.timerAtMs.get(timerNameOf(timer))) };
    }
    case 'stopping':
      return { reason: 'stopping', by: part.worker ?? '' };
    case 'running':
      if (part.childRunId !== null) return { reason: 'waiting_for_run', by: part.childRunId };
      return planned.pool === null ? blockedTaskOf(planned, run, said) : null;
    default:
      return null;
  }
}

function stateOfTask(status: TaskStatus): StoredTaskState {
  return status === 'active' ? 'running' : status;
}

function stateOfPart(part: PartState, task: TaskState): StoredTaskState {
  if (task.status === 'held' && part.status !== 'failed') return 'held';
  return part.status === 'failed' && task.status === 'fell-back' ? 'fell-back' : part.status;
}

/** A task that has no parts yet, or never has: one row. */
const rowOfTask = (planned: PlannedTask, run: RunState, said: Said): TaskChange => {
  const task = run.tasks[planned.name] as TaskState;
  return {
    planned,
    part: 0,
    partKey: '',
    state: stateOfTask(task.status),
    attempt: 0,
    epoch: 0,
    blocked: blockedTaskOf(planned, run, said),
    worker: null,
    health: null,
    counts: task.result?.counts ?? {},
    result: task.result,
    error: task.error,
    childRunId: null,
  };
};

const rowOfPart = (planned: PlannedTask, part: PartState, run: RunState, said: Said): TaskChange => {
  const task = run.tasks[planned.name] as TaskState;
  const state = stateOfPart(part, task);
  return {
    planned,
    part: part.part,
    partKey: part.partKey,
    state,
    attempt: part.attempt,
    epoch: part.epoch,
    blocked: state === 'held' ? blockedTaskOf(planned, run, said) : blockedPartOf(planned, part, run, said),
    worker: part.worker,
    health: part.health,
    counts: part.result?.counts ?? {},
    result: part.result,
    error: part.error,
    childRunId: part.childRunId,
  };
};

/** A queued attempt that was queued before is the dispatcher's: it may have handed it out meanwhile. */
const isStillQueued = (part: PartState, before: PartState | undefined): boolean =>
  part.status === 'queued' && before?.status === 'queued' && before.epoch === part.epoch;

function changedParts(after: TaskState, before: TaskState | undefined): readonly PartState[] {
  const ending = before?.status !== after.status && (after.status === 'held' || after.status === 'fell-back');
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
  const said = readEffects(effects);
  const turned = (name: string): boolean => isSettled(before?.tasks[name]) !== isSettled(after.tasks[name]);
  const stands = before?.status !== after.status;
  return plan.tasks.flatMap((planned) => {
    const task = after.tasks[planned.name];
    if (!task) return [];
    const earlier = before?.tasks[planned.name];
    const isNews = task !== earlier || (task.status === 'waiting' && (stands || planned.dependsOn.some(turned)));
    if (!isNews) return [];
    if (task.parts.length === 0) return [rowOfTask(planned, after, said)];
    return changedParts(task, earlier).map((part) => rowOfPart(planned, part, after, said));
  });
}
