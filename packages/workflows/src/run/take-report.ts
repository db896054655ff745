import { ownWorkOf } from '../plan/own-work.ts';
import type { PlannedTask } from '../plan/run-plan.ts';
import { changePart, emptyResult, isOver, plannedOf, taskOf, type Draft } from './draft.ts';
import { failPart, losePart, repeatPart, stopPart, succeedPart } from './end-part.ts';
import { partMeant } from './part-meant.ts';
import { startTimeout } from './request-part.ts';
import type { RunInput } from './run-input.ts';
import type { PartState, PartStatus } from './run-state.ts';
import type { Ignored } from './step.ts';
import { taskError } from './task-errors.ts';

type Of<Kind extends RunInput['kind']> = Extract<RunInput, { readonly kind: Kind }>;
export type AttemptInput = Of<'started' | 'progressed' | 'succeeded' | 'failed' | 'stopped' | 'lost'>;

const underWay: ReadonlySet<PartStatus> = new Set(['queued', 'running', 'stopping']);

function startedBy(draft: Draft, task: PlannedTask, { part, worker }: Of<'started'>): null {
  Object.assign(changePart(draft, task.name, part), { status: 'running', worker } satisfies Partial<PartState>);
  startTimeout(draft, task, part);
  // Stages that depend on this one begin once it is up.
  if (draft.index.plan.continuous) draft.due.push(...draft.index.dependentsOf(task.name));
  return null;
}

/** What is told of an attempt, by its worker or by the end of its lease. */
export function takeAttempt(draft: Draft, input: AttemptInput): Ignored | null {
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

/** The end of a run that a task started. */
export function takeChild(draft: Draft, { task: name, part, childRunId, status, result }: Of<'child-ended'>): Ignored | null {
  const task = draft.index.taskByName.get(name);
  if (!task) return 'no-such-task';
  const state = taskOf(draft, name).parts[part];
  if (state?.childRunId !== childRunId) return 'stale-epoch';
  if (isOver(state) || state.status === 'backing-off') return 'not-now';
  if (status === 'succeeded') succeedPart(draft, task, part, result ?? emptyResult);
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
