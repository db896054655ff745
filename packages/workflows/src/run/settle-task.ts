import { ownWorkOf } from '../plan/own-work.ts';
import type { PlannedTask } from '../plan/run-plan.ts';
import { changeTask, isOver, plannedOf, taskOf, type Draft } from './draft.ts';
import type { TaskError, TaskResult, TaskStatus } from './run-state.ts';
import { resultOfParts } from './task-result.ts';

interface TaskEnd {
  readonly status: Extract<TaskStatus, 'succeeded' | 'failed' | 'fell-back' | 'skipped' | 'cancelled'>;
  readonly result?: TaskResult;
  readonly error?: TaskError | null;
  readonly reason?: string;
}

/** Ends a task and looks at what depends on it. */
export function endTask(draft: Draft, name: string, { status, result, error, reason }: TaskEnd): void {
  const task = changeTask(draft, name);
  task.status = status;
  task.result = result ?? null;
  task.error = error ?? null;
  task.reason = reason ?? null;
  task.endedAtMs = draft.atMs;
  for (const dependent of draft.index.dependentsOf(name)) draft.due.push(dependent);
}

/**
 * A task failed for good. With a fallback its data goes there; what depends on it is skipped. Else, where `on_failure` is `fail`,
 * nothing new begins in the whole run; what is under way comes to its end. Of a continuous run the other stages go on.
 */
export function failTask(draft: Draft, task: PlannedTask, error: TaskError): void {
  if (task.fallback) {
    draft.effects.push({ kind: 'fall-back', task: task.name, action: task.fallback, error });
    return endTask(draft, task.name, { status: 'fell-back', error });
  }
  endTask(draft, task.name, { status: 'failed', error });
  if (task.onFailure === 'fail' && !draft.index.plan.continuous) failRun(draft, task.name, error);
}

function failRun(draft: Draft, failed: string, error: TaskError): void {
  for (const { name } of draft.index.plan.tasks) {
    if (!isUnbegun(draft, name)) continue;
    stopWaiting(draft, name);
    endTask(draft, name, { status: 'skipped', error, reason: `${failed} failed` });
  }
}

/** It waits: for other tasks, for a person or for a time. */
function isUnbegun(draft: Draft, name: string): boolean {
  const { status } = taskOf(draft, name);
  return status === 'waiting' || status === 'held' || (status === 'active' && ownWorkOf(plannedOf(draft, name)).kind === 'wait');
}

/** Only a task that is nothing but a question has a time for the answer. */
export function clearApproval(draft: Draft, task: PlannedTask): void {
  if (task.timeoutMs === null || ownWorkOf(task).kind !== 'approval') return;
  draft.effects.push({ kind: 'clear-timer', timer: { kind: 'approval', task: task.name } });
}

/** Withdraws the question or the timer of a task that waits for a person or for a time. */
export function stopWaiting(draft: Draft, name: string): void {
  const { status } = taskOf(draft, name);
  const task = plannedOf(draft, name);
  if (status === 'held') {
    draft.effects.push({ kind: 'withdraw-approval', task: name });
    clearApproval(draft, task);
  }
  if (status === 'active' && ownWorkOf(task).kind === 'wait')
    draft.effects.push({ kind: 'clear-timer', timer: { kind: 'wait', task: name } });
}

/** Why a person has to look at what a task gave before others build on it: `values.hold` of its result, one sentence. */
const holdOf = ({ values }: TaskResult): string | null => (typeof values['hold'] === 'string' ? values['hold'] : null);

/** A task that did its work and waits for a person: approved it keeps its result, declined it failed. */
function holdTask(draft: Draft, name: string, message: string): void {
  const task = changeTask(draft, name);
  task.status = 'held';
  task.reason = message;
  draft.effects.push({ kind: 'ask-approval', task: name, message, approvers: [] });
}

/** Ends a task whose parts are all over: failed if one of them failed, held where a result asks for a person. */
export function settleParts(draft: Draft, task: PlannedTask): void {
  const { parts } = taskOf(draft, task.name);
  if (!parts.every(isOver)) return;
  const failed = parts.find(({ status }) => status === 'failed');
  if (parts.some(({ status }) => status === 'cancelled'))
    return endTask(draft, task.name, { status: 'cancelled', reason: draft.run.reason ?? 'cancelled' });
  if (failed?.error) return failTask(draft, task, failed.error);
  const hold = parts.map(({ result }) => result && holdOf(result)).find((sentence) => sentence !== null);
  // A run that is being cancelled asks nobody anything: it would wait for the answer.
  const asks = draft.run.status !== 'cancelling' && !draft.index.plan.continuous && ownWorkOf(task).kind === 'worker';
  if (hold && asks) return holdTask(draft, task.name, hold);
  endTask(draft, task.name, { status: 'succeeded', result: resultOfParts(parts) });
}
