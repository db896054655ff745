import { ownWorkOf } from '../plan/own-work.ts';
import { emptyResult, plannedOf, taskOf, type Draft } from './draft.ts';
import { retryPart, timeOutPart } from './end-part.ts';
import { stopRun } from './end-run.ts';
import { partMeant } from './part-meant.ts';
import type { RunInput, TimerKey } from './run-input.ts';
import { endTask, failTask } from './settle-task.ts';
import type { Ignored } from './step.ts';
import { taskError } from './task-errors.ts';

type Of<Kind extends RunInput['kind']> = Extract<RunInput, { readonly kind: Kind }>;

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

function takeTaskTimer(draft: Draft, { kind, task: name }: Extract<TimerKey, { readonly kind: 'wait' | 'approval' }>): Ignored | null {
  const task = draft.index.taskByName.get(name);
  if (!task) return 'no-such-task';
  const { status } = taskOf(draft, name);
  if (kind === 'wait') {
    if (status !== 'active' || ownWorkOf(task).kind !== 'wait') return 'not-now';
    endTask(draft, name, { status: 'succeeded', result: emptyResult });
    return null;
  }
  if (status !== 'held') return 'not-now';
  draft.effects.push({ kind: 'withdraw-approval', task: name });
  failTask(draft, task, taskError('TIMED_OUT', 'Nobody approved or declined in time.'));
  return null;
}

/** A time that was set has come. */
export function takeTimer(draft: Draft, { timer }: Of<'timer'>): Ignored | null {
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
