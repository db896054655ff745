import { ownWorkOf } from '../plan/own-work.ts';
import type { PlannedTask } from '../plan/run-plan.ts';
import type { Ignored } from './decide.ts';
import { changePart, isOver, plannedOf, taskOf, type Draft } from './draft.ts';
import { failPart, losePart, repeatPart, retryPart, stopPart, succeedPart, timeOutPart } from './end-part.ts';
import { stopRun } from './end-run.ts';
import { requestPart, startTimeout } from './request-part.ts';
import { moveRun, rerunFrom } from './restart-run.ts';
import type { RunInput, TimerKey } from './run-input.ts';
import type { PartState, PartStatus, RunState, TaskResult } from './run-state.ts';
import { clearApproval, endTask, failTask } from './settle-task.ts';
import { resultOfParts } from './task-result.ts';
import { taskError } from './task-errors.ts';

type Of<Kind extends RunInput['kind']> = Extract<RunInput, { readonly kind: Kind }>;
type AttemptInput = Of<'started' | 'progressed' | 'succeeded' | 'failed' | 'stopped' | 'lost'>;

const underWay: ReadonlySet<PartStatus> = new Set(['queued', 'running', 'stopping']);

/** The part whose present attempt is meant, or why the input does not count. */
function partMeant(
  draft: Draft,
  { task, part, epoch }: { readonly task: string; readonly part: number; readonly epoch: number },
): PartState | Ignored {
  if (!draft.index.taskByName.has(task)) return 'no-such-task';
  const state = taskOf(draft, task).parts[part];
  return state?.epoch === epoch ? state : 'stale-epoch';
}

function startedBy(draft: Draft, task: PlannedTask, { part, worker }: Of<'started'>): null {
  Object.assign(changePart(draft, task.name, part), { status: 'running', worker } satisfies Partial<PartState>);
  startTimeout(draft, task, part);
  // Stages that depend on this one begin once it is up.
  if (draft.index.plan.continuous) draft.due.push(...draft.index.dependentsOf(task.name));
  return null;
}

function takeAttempt(draft: Draft, input: AttemptInput): Ignored | null {
  const state = partMeant(draft, input);
  if (typeof state === 'string') return state;
  const task = plannedOf(draft, input.task);
  const { part, status } = state;
  // A run of its own tells of itself by `child-ended` alone.
  if (!underWay.has(status) || ownWorkOf(task).kind !== 'worker') return 'not-now';
  switch (input.kind) {
    case 'started':
      return status === 'queued' ? startedBy(draft, task, input) : 'not-now';
    case 'progressed':
      if (status === 'stopping') return 'not-now';
      if (input.health !== null && input.health !== state.health) changePart(draft, task.name, part).health = input.health;
      return null;
    case 'succeeded':
      succeedPart(draft, task, part, input.result);
      return null;
    case 'failed':
      if (status === 'stopping') stopPart(draft, task, part);
      else failPart(draft, task, part, input.error);
      return null;
    case 'stopped':
      if (status === 'stopping') stopPart(draft, task, part);
      else repeatPart(draft, task, part);
      return null;
    case 'lost':
      if (status === 'stopping') stopPart(draft, task, part);
      else losePart(draft, task, part);
      return null;
  }
}

function takeChild(draft: Draft, { task: name, part, childRunId, status, result }: Of<'child-ended'>): Ignored | null {
  const task = draft.index.taskByName.get(name);
  if (!task) return 'no-such-task';
  const state = taskOf(draft, name).parts[part];
  if (state?.childRunId !== childRunId) return 'stale-epoch';
  if (isOver(state) || state.status === 'backing-off') return 'not-now';
  if (status === 'succeeded') succeedPart(draft, task, part, result ?? { counts: {}, values: {}, ref: null });
  else if (state.status === 'stopping') stopPart(draft, task, part);
  else
    failPart(
      draft,
      task,
      part,
      taskError('CHILD_RUN_FAILED', `The run ${childRunId} ${status === 'failed' ? 'failed' : 'was cancelled'}.`),
    );
  return null;
}

function takePartTimer(draft: Draft, timer: Extract<TimerKey, { readonly kind: 'retry' | 'timeout' }>): Ignored | null {
  const state = partMeant(draft, timer);
  if (typeof state === 'string') return state;
  const { status, retryAtMs } = state;
  const task = plannedOf(draft, timer.task);
  if (timer.kind === 'retry') {
    if (status !== 'backing-off' || retryAtMs === null) return 'not-now';
    retryPart(draft, task, timer.part);
    return null;
  }
  // A worker that was told to stop is waited for so long and no longer; a run that was told to ends by itself.
  const ends = status === 'running' || (status === 'stopping' && ownWorkOf(task).kind === 'worker');
  if (!ends) return 'not-now';
  timeOutPart(draft, task, timer.part);
  return null;
}

const emptyOf = (values: TaskResult['values']): TaskResult => ({ counts: {}, values, ref: null });

function takeTaskTimer(draft: Draft, { kind, task: name }: Extract<TimerKey, { readonly kind: 'wait' | 'approval' }>): Ignored | null {
  const task = draft.index.taskByName.get(name);
  if (!task) return 'no-such-task';
  const { status } = taskOf(draft, name);
  if (kind === 'wait') {
    if (status !== 'active' || ownWorkOf(task).kind !== 'wait') return 'not-now';
    endTask(draft, name, { status: 'succeeded', result: emptyOf({}) });
    return null;
  }
  if (status !== 'held') return 'not-now';
  draft.effects.push({ kind: 'withdraw-approval', task: name });
  failTask(draft, task, taskError('TIMED_OUT', 'Nobody approved or declined in time.'));
  return null;
}

function takeTimer(draft: Draft, { timer }: Of<'timer'>): Ignored | null {
  switch (timer.kind) {
    case 'retry':
    case 'timeout':
      return takePartTimer(draft, timer);
    case 'wait':
    case 'approval':
      return takeTaskTimer(draft, timer);
    case 'run':
      // While it is paused time does not run against it: resuming sets the timer again.
      if (draft.run.status !== 'running' || draft.run.deadlineAtMs === null) return 'not-now';
      stopRun(draft, 'failed', 'the run took too long');
      return null;
  }
}

/** Of a task that did its work before it was held what it gave, else nothing; and who let it pass. */
function approvedResult(parts: readonly PartState[], by: string): TaskResult {
  const { counts, values, ref } = resultOfParts(parts);
  return { counts, values: { ...values, approved_by: by }, ref };
}

function takeDecision(draft: Draft, { kind, task: name, by }: Of<'approved' | 'declined'>): Ignored | null {
  const task = draft.index.taskByName.get(name);
  if (!task) return 'no-such-task';
  if (taskOf(draft, name).status !== 'held') return 'not-now';
  clearApproval(draft, task);
  if (kind === 'approved') endTask(draft, name, { status: 'succeeded', result: approvedResult(taskOf(draft, name).parts, by) });
  else failTask(draft, task, taskError('APPROVAL_DECLINED'));
  return null;
}

function pauseRun({ run }: Draft, { reason }: Of<'pause'>): Ignored | null {
  if (run.status !== 'running') return 'not-now';
  Object.assign(run, { status: 'paused', reason } satisfies Partial<RunState>);
  return null;
}

function resumeRun(draft: Draft): Ignored | null {
  const { run, index } = draft;
  if (run.status !== 'paused') return 'not-now';
  Object.assign(run, { status: 'running', reason: null } satisfies Partial<RunState>);
  // Its time may have run out meanwhile, its timer been spent.
  if (run.deadlineAtMs !== null) draft.effects.push({ kind: 'set-timer', timer: { kind: 'run' }, atMs: run.deadlineAtMs });
  for (const task of index.plan.tasks) {
    draft.due.push(task.name);
    for (const { part, status, retryAtMs } of taskOf(draft, task.name).parts) {
      if (status === 'backing-off' && retryAtMs === null) requestPart(draft, task, part);
    }
  }
  return null;
}

/** Changes the draft as the input says. @returns why the input does not count, or null */
export function takeInput(draft: Draft, input: RunInput): Ignored | null {
  switch (input.kind) {
    case 'requested':
      return 'not-now';
    case 'started':
    case 'progressed':
    case 'succeeded':
    case 'failed':
    case 'stopped':
    case 'lost':
      return takeAttempt(draft, input);
    case 'child-ended':
      return takeChild(draft, input);
    case 'timer':
      return takeTimer(draft, input);
    case 'approved':
    case 'declined':
      return takeDecision(draft, input);
    case 'pause':
      return pauseRun(draft, input);
    case 'resume':
      return resumeRun(draft);
    case 'cancel':
      if (draft.run.status === 'cancelling') return 'not-now';
      stopRun(draft, 'cancelled', input.reason);
      return null;
    case 'rerun':
      if (!draft.index.taskByName.has(input.task)) return 'no-such-task';
      return rerunFrom(draft, input.task) ? null : 'not-now';
    case 'move':
      return input.version === draft.index.plan.version && moveRun(draft) ? null : 'not-now';
  }
}
