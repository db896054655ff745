import { ownWorkOf } from '../plan/own-work.ts';
import type { PlannedTask } from '../plan/run-plan.ts';
import { changePart, taskOf, type Draft, type DraftPart } from './draft.ts';
import { requestPart, requestWhenRunning } from './request-part.ts';
import { retryDelayMs } from './retry-delay.ts';
import type { PartState, TaskError, TaskResult } from './run-state.ts';
import { settleParts } from './settle-task.ts';
import { taskError } from './task-errors.ts';

/** An attempt whose worker is lost more often than this in a row is taken for what kills them. */
export const maxLosses = 5;
/** How long a worker that was told to stop is waited for before its attempt counts as stopped. */
export const stopGraceMs = 60_000;
/** A stage that fails at once, for ever, is not asked for more often. */
const minStageRetryMs = 1000;

const partOf = (draft: Draft, task: PlannedTask, part: number): PartState => taskOf(draft, task.name).parts[part] as PartState;

/** Takes back the timer of an attempt that is under way. */
function clearTimeout(draft: Draft, task: PlannedTask, { part, epoch, status }: PartState): void {
  const isTimed = status === 'stopping' ? ownWorkOf(task).kind === 'worker' : status === 'running' && task.timeoutMs !== null;
  if (isTimed) draft.effects.push({ kind: 'clear-timer', timer: { kind: 'timeout', task: task.name, part, epoch } });
}

function endPart(draft: Draft, task: PlannedTask, part: number): DraftPart {
  clearTimeout(draft, task, partOf(draft, task, part));
  return changePart(draft, task.name, part);
}

export function succeedPart(draft: Draft, task: PlannedTask, part: number, result: TaskResult): void {
  Object.assign(endPart(draft, task, part), { status: 'succeeded', result, error: null } satisfies Partial<PartState>);
  settleParts(draft, task);
}

function canRetry(draft: Draft, { retry }: PlannedTask, { attempt }: PartState, { kind }: TaskError): boolean {
  return draft.index.plan.continuous || (attempt <= retry.attempts && retry.classes.includes(kind));
}

function backOff(draft: Draft, task: PlannedTask, own: DraftPart): void {
  const { part, attempt, epoch } = own;
  const delayMs = retryDelayMs(task.retry, { runId: draft.run.runId, task: task.name, part, attempt });
  const waitMs = draft.index.plan.continuous ? Math.max(delayMs, minStageRetryMs) : delayMs;
  own.attempt++;
  own.losses = 0;
  if (waitMs === 0) return requestWhenRunning(draft, task, part);
  own.status = 'backing-off';
  own.retryAtMs = draft.atMs + waitMs;
  draft.effects.push({ kind: 'set-timer', timer: { kind: 'retry', task: task.name, part, epoch }, atMs: own.retryAtMs });
}

/** An attempt failed: another follows, or the part failed for good. In a run that is being cancelled it is cancelled. */
export function failPart(draft: Draft, task: PlannedTask, part: number, error: TaskError): void {
  const own = endPart(draft, task, part);
  own.error = error;
  own.worker = null;
  if (draft.run.status === 'cancelling') own.status = 'cancelled';
  else if (canRetry(draft, task, own, error)) return backOff(draft, task, own);
  else own.status = 'failed';
  settleParts(draft, task);
}

/** Nobody works on the attempt any more, which says nothing about the work: the same attempt is asked for again. */
export function repeatPart(draft: Draft, task: PlannedTask, part: number): void {
  endPart(draft, task, part);
  requestWhenRunning(draft, task, part);
}

/** Its lease ended. Bounded, else a task that kills its worker kills them all, one after the other. */
export function losePart(draft: Draft, task: PlannedTask, part: number): void {
  const own = endPart(draft, task, part);
  own.losses++;
  if (own.losses <= maxLosses || draft.index.plan.continuous) return requestWhenRunning(draft, task, part);
  own.status = 'failed';
  own.worker = null;
  own.error = taskError('WORKER_LOST');
  settleParts(draft, task);
}

/** An attempt that was told to stop is over: cancelled with its run, or failed because it took too long. */
export function stopPart(draft: Draft, task: PlannedTask, part: number): void {
  if (draft.run.status !== 'cancelling') return failPart(draft, task, part, taskError('TIMED_OUT'));
  endPart(draft, task, part).status = 'cancelled';
  settleParts(draft, task);
}

/** Tells the attempt to stop and waits until it did. */
export function askToStop(draft: Draft, task: PlannedTask, part: number): void {
  const { epoch, childRunId } = partOf(draft, task, part);
  if (ownWorkOf(task).kind === 'workflow' && childRunId !== null) {
    clearTimeout(draft, task, partOf(draft, task, part));
    draft.effects.push({ kind: 'cancel-run', childRunId });
  } else {
    draft.effects.push(
      { kind: 'withdraw', task: task.name, part, epoch },
      { kind: 'set-timer', timer: { kind: 'timeout', task: task.name, part, epoch }, atMs: draft.atMs + stopGraceMs },
    );
  }
  changePart(draft, task.name, part).status = 'stopping';
}

/** Its time is over. A worker that does not even stop is not waited for twice. */
export function timeOutPart(draft: Draft, task: PlannedTask, part: number): void {
  if (partOf(draft, task, part).status === 'stopping') return stopPart(draft, task, part);
  askToStop(draft, task, part);
}

/** Its time to wait is over. */
export function retryPart(draft: Draft, task: PlannedTask, part: number): void {
  if (draft.run.status === 'running') requestPart(draft, task, part);
  else changePart(draft, task.name, part).retryAtMs = null;
}
