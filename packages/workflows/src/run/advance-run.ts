import { ownWorkOf } from '../plan/own-work.ts';
import type { PlannedTask } from '../plan/run-plan.ts';
import { conditionHolds, writeCondition } from './condition-holds.ts';
import { changeTask, emptyResult, isSettled, plannedOf, taskOf, type Draft, type DraftPart } from './draft.ts';
import { fanOutKeys } from './fan-out-keys.ts';
import { requestPart } from './request-part.ts';
import type { TaskError, TaskState } from './run-state.ts';
import { endTask, failTask } from './settle-task.ts';
import { taskError } from './task-errors.ts';

type Readiness =
  | { readonly kind: 'not-yet' }
  | { readonly kind: 'ready' }
  | { readonly kind: 'skip'; readonly reason: string; readonly error: TaskError | null };

const notYet: Readiness = { kind: 'not-yet' };

/** A stage of a stream is never done: what depends on it begins once it is up. */
const isUp = (draft: Draft, { status, parts }: TaskState): boolean =>
  draft.index.plan.continuous && status === 'active' && parts.some((part) => part.status === 'running');

/**
 * Whether what depends on a task may run: it succeeded, or its `on_failure` says to go on without a result.
 * One that was skipped for a failure before it never lets through, else `continue` would undo another task's `skip`.
 */
function letsThrough(task: PlannedTask, state: TaskState): boolean {
  if (state.status === 'succeeded') return true;
  if (task.onFailure !== 'continue' || state.status === 'cancelled') return false;
  return state.status !== 'skipped' || state.error === null;
}

function readinessOf(draft: Draft, task: PlannedTask): Readiness {
  for (const name of task.dependsOn) {
    const state = taskOf(draft, name);
    if (!isSettled(state) && !isUp(draft, state)) return notYet;
  }
  for (const name of task.dependsOn) {
    const state = taskOf(draft, name);
    if (isSettled(state) && !letsThrough(plannedOf(draft, name), state)) {
      return { kind: 'skip', reason: `${name}: ${state.status}`, error: state.error };
    }
  }
  const run = { parameters: draft.run.parameters, tasks: Object.fromEntries(task.dependsOn.map((name) => [name, taskOf(draft, name)])) };
  const failing = task.when.find((condition) => !conditionHolds(condition, run));
  return failing ? { kind: 'skip', reason: `not: ${writeCondition(failing)}`, error: null } : { kind: 'ready' };
}

const createPart = (draft: Draft, part: number, partKey: string): DraftPart => ({
  part,
  partKey,
  status: 'queued',
  attempt: 1,
  epoch: draft.run.epochFloor,
  worker: null,
  result: null,
  error: null,
  health: null,
  childRunId: null,
  losses: 0,
  retryAtMs: null,
});

function startParts(draft: Draft, task: PlannedTask): void {
  const own = changeTask(draft, task.name);
  const before = Object.fromEntries(task.fanOut?.over === 'result' ? [[task.fanOut.task, taskOf(draft, task.fanOut.task)]] : []);
  const keys = task.fanOut ? fanOutKeys(task.fanOut, before) : [''];
  if ('refused' in keys) return failTask(draft, task, taskError('BAD_FAN_OUT', `The parts cannot be told: ${keys.refused}.`));
  if (keys.length === 0) return endTask(draft, task.name, { status: 'succeeded', result: emptyResult });
  own.parts = keys.map((key, part) => createPart(draft, part, key));
  for (const { part } of own.parts) requestPart(draft, task, part);
}

function startTask(draft: Draft, task: PlannedTask): void {
  const own = changeTask(draft, task.name);
  own.status = 'active';
  own.startedAtMs = draft.atMs;
  own.fingerprint = draft.index.fingerprintOf(task);
  const work = ownWorkOf(task);
  switch (work.kind) {
    case 'approval':
      own.status = 'held';
      own.reason = 'waits for an approval';
      draft.effects.push({ kind: 'ask-approval', task: task.name, message: work.message, approvers: work.approvers });
      if (task.timeoutMs !== null) {
        draft.effects.push({ kind: 'set-timer', timer: { kind: 'approval', task: task.name }, atMs: draft.atMs + task.timeoutMs });
      }
      return;
    case 'wait': {
      const untilMs = work.untilMs ?? draft.atMs + work.forMs;
      if (!(untilMs > draft.atMs)) return endTask(draft, task.name, { status: 'succeeded', result: emptyResult });
      draft.effects.push({ kind: 'set-timer', timer: { kind: 'wait', task: task.name }, atMs: untilMs });
      return;
    }
    case 'workflow':
    case 'worker':
      return startParts(draft, task);
  }
}

/** Starts or skips every task that became due, and what becomes due by that; nothing while the run does not run. */
export function advanceRun(draft: Draft): void {
  // The list grows while it is walked: a chain of skipped tasks is followed without recursion.
  for (const name of draft.due) {
    if (draft.run.status !== 'running') return;
    if (taskOf(draft, name).status !== 'waiting') continue;
    const task = plannedOf(draft, name);
    const readiness = readinessOf(draft, task);
    if (readiness.kind === 'ready') startTask(draft, task);
    else if (readiness.kind === 'skip') endTask(draft, name, { status: 'skipped', error: readiness.error, reason: readiness.reason });
  }
}
